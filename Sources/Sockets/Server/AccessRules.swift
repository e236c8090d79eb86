/// Who a peer is, as the kernel says: read once per connection.
public struct PeerCredentials: Equatable, Sendable {
    public var pid: Int32
    public var uid: UInt32
    public var gid: UInt32
    /// Supplementary groups.
    public var groups: [UInt32]

    public init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
        (self.pid, self.uid, self.gid, self.groups) = (pid, uid, gid, groups)
    }

    /// The number that a user namespace shows for whom it does not know.
    public static let unmapped: UInt32 = 65_534

    var isUnmapped: Bool { uid == Self.unmapped || gid == Self.unmapped }
}

/// Which socket a connection came in by: the systemd descriptor name.
public enum SocketKind: String, CaseIterable, Sendable {
    case plc, `operator`, admin
}

/// Who gets which role (LWP/1, section 2; `[access]`), names already resolved to numbers.
public struct AccessRules: Equatable, Sendable {
    public var operators: Set<UInt32> = []
    public var operatorGroups: Set<UInt32> = []
    /// Beside uid 0, which is always one.
    public var admins: Set<UInt32> = []
    public var adminGroups: Set<UInt32> = []
    /// False in a user namespace without identity map: then nobody gets more than `plc`.
    public var areRolesTrusted: Bool

    /// Rules that make nobody but uid 0 an admin, and trust roles where `UserNamespace.isIdentity` says so.
    public init() {
        areRolesTrusted = UserNamespace.isIdentity
    }

    /// The role of `peer` on a socket of `kind`, or nil where the socket does not serve it.
    public func role(of peer: PeerCredentials, on kind: SocketKind) -> Role? {
        let isTrusted = areRolesTrusted && !peer.isUnmapped
        switch kind {
        case .plc:
            return isTrusted && (isOperator(peer) || isInAdminGroup(peer)) ? .operator : .plc
        case .operator:
            return isTrusted ? .operator : .plc
        case .admin:
            return isTrusted && (peer.uid == 0 || isInAdminGroup(peer)) ? .admin : nil
        }
    }

    private func isOperator(_ peer: PeerCredentials) -> Bool {
        operators.contains(peer.uid) || operatorGroups.contains(peer.gid)
            || !operatorGroups.isDisjoint(with: peer.groups)
    }

    private func isInAdminGroup(_ peer: PeerCredentials) -> Bool {
        admins.contains(peer.uid) || adminGroups.contains(peer.gid)
            || !adminGroups.isDisjoint(with: peer.groups)
    }
}
