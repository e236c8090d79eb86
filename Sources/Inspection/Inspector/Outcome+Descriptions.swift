internal import Events

extension Outcome {
    /// Gives `finding`, which is about to join the others, `description`, if it is among the four largest that have
    /// one. Allocation-free.
    mutating func describe(_ finding: inout Finding, as description: DefectDescription) {
        var place = Int(descriptionCount)
        if place < Outcome.descriptionCapacity {
            descriptionCount += 1
        } else {
            place = 0
            for other in 1..<Outcome.descriptionCapacity
            where descriptions[other].area < descriptions[place].area { place = other }
            guard descriptions[place].area < finding.area else { return }
            for index in 0..<Int(findingCount) where Int(findings[index].description) == place + 1 {
                findings[index].description = 0
            }
        }
        descriptions[place] = description
        descriptions[place].area = finding.area
        finding.description = UInt8(place + 1)
    }
}
