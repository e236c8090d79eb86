import Events

import struct Events.Record

extension Record {
    /// The record as a reader of the database gets it: without what is set at delivery or came after the commit, and
    /// with every value as its column keeps it.
    var asStored: Record {
        var record = self
        switch body {
        case .result(let result): record.body = .result(result.asStored)
        case .event(var event):
            event.flags.subtract(RecordRow.deliveryFlags)
            event.detail = event.detail.asStored
            record.body = .event(event)
        case .gap: break
        }
        return record
    }
}

extension InspectionResult {
    fileprivate var asStored: InspectionResult {
        var result = self
        result.flags.subtract(RecordRow.deliveryFlags)
        result.part = part.asStored
        result.rawScore = rawScore.flatMap(\.asStored)
        result.rawThreshold = rawThreshold.flatMap(\.asStored)
        result.model = model & ModelName.mask
        result.embeddings = []
        (result.image, result.late, result.map, result.mark) = (nil, nil, nil, nil)
        // These have one column together, which leaves out what is not finite.
        RecordDetail(self).complete(&result)
        return result
    }
}

extension Float {
    /// As a column of SQLite keeps it: NaN is NULL, and zero has no sign.
    fileprivate var asStored: Float? { isNaN ? nil : self + 0 }
}

extension String {
    /// As SQLite's C strings keep it: up to the first NUL.
    fileprivate var asStored: String {
        guard utf8.contains(0) else { return self }
        return String(decoding: utf8.prefix { $0 != 0 }, as: UTF8.self)
    }
}
