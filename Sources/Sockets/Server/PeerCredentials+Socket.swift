import CLinux
import Glibc

extension PeerCredentials {
    /// Asks the kernel who connected to `descriptor`; nil where it does not say.
    init?(ofSocket descriptor: Int32) {
        var pid: Int32 = 0
        var (uid, gid): (UInt32, UInt32) = (0, 0)
        guard unsafe cl_peer_credentials(descriptor, &pid, &uid, &gid) == 0 else { return nil }
        var groups = [UInt32](repeating: 0, count: 64)
        var count = UInt32(groups.count)
        var result = unsafe cl_peer_groups(descriptor, &groups, &count)
        if result != 0 && errno == ERANGE {
            groups = [UInt32](repeating: 0, count: Int(count))
            result = unsafe cl_peer_groups(descriptor, &groups, &count)
        }
        self.init(pid: pid, uid: uid, gid: gid, groups: result == 0 ? Array(groups.prefix(Int(count))) : [])
    }
}
