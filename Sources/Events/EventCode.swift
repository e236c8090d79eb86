/// The codes of events, with the meaning of their two numbers (LWP/1, 5.2).
public enum EventCode: UInt16, CaseIterable, Sendable {
    /// a: run.
    case runStarted = 1001
    /// a: reason.
    case runStopped = 1002
    /// a: jobs closed, b: numbers skipped.
    case uncleanStopRecovered = 1003
    /// a: old, b: new settings checksum.
    case configChanged = 1004
    /// a: line.
    case configRejected = 1005
    /// a: milliseconds.
    case clockStep = 1006
    case clockUnsynced = 1007
    case clockSynced = 1008
    /// a: crashes in the window.
    case safeMode = 1010
    /// a: errno.
    case cameraLost = 1101
    /// a: milliseconds away, b: attempts.
    case cameraBack = 1102
    /// a: milliseconds.
    case cameraStalled = 1103
    /// a: count, b: driver sequence.
    case framesLost = 1104
    case formatChanged = 1105
    case wrongCamera = 1106
    /// a: valid lines, b: lines.
    case incompleteFrame = 1107
    case encoderLost = 1108
    case exposureBad = 1109
    /// a: MiB free.
    case diskLow = 1201
    case diskFull = 1202
    case diskOK = 1203
    /// a: records.
    case consumerOverrun = 1204
    case logRecreated = 1205
    /// a: p99 in milliseconds.
    case fsyncSlow = 1206
    /// a: count.
    case imagesDropped = 1207
    /// a: queue.
    case overloadBegin = 1301
    /// a: refused, b: milliseconds.
    case overloadEnd = 1302
    /// a: p x 10^6, b: n.
    case scoreDrift = 1303
    /// a: cluster.
    case clusterNew = 1304
    /// a: strips.
    case defectRun = 1305
    case recipeChanged = 1401
    case modelActivated = 1402
    /// a: cause.
    case modelRolledBack = 1403
    /// a: old, b: new threshold x 10^4.
    case thresholdChanged = 1404
    /// a: parts.
    case teachCommitted = 1405
    /// a: disagreements, b: n.
    case shadowReport = 1406
    /// a: ppm asked for, b: good parts missing.
    case calibrationWeak = 1407
    case clientLost = 1501
    case handshakeTimeout = 1502
    case clientReplaced = 1503
    /// a: uid.
    case roleDenied = 1504
    case rolesDisabled = 1505
}
