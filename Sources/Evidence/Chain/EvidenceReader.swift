/// Gives back what was kept, oldest first, as it stands: whether it is as it was written, `Verification` says.
package enum EvidenceReader {
    /// The records but for the beginnings and seals of segments.
    package static func forEachRecord(in directory: String, _ body: (ArraySlice<UInt8>) -> Void) throws(EvidenceError) {
        for segment in try EvidenceFiles.segments(in: directory) {
            let bytes = try EvidenceFiles.contents(EvidenceFiles.path(of: segment, in: directory)) ?? []
            for line in EvidenceFiles.lines(bytes).whole {
                guard let line = ChainedLine(line), !SegmentSeal.isSeal(line.record),
                    !SegmentHeader.isHeader(line.record)
                else { continue }
                body(line.record)
            }
        }
    }
}
