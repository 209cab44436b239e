import Foundation
import Testing

/// Every sample of the corpora, those that once broke something among them, holds its promises.
@Suite struct ReplayTests {
    @Test(arguments: FuzzTarget.allCases) func replays(_ target: FuzzTarget) throws {
        let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus/\(target)")
        let samples = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
        #expect(!samples.isEmpty)
        for sample in samples.sorted(by: { $0.path < $1.path }) {
            let bytes = try Array(Data(contentsOf: sample))
            let start = ContinuousClock.now
            do throws(Broken) {
                try target.run(bytes)
            } catch {
                Issue.record("\(sample.lastPathComponent): \(error)")
            }
            // Milliseconds, but for those that once took for ever.
            #expect(start.duration(to: .now) < .seconds(5), "\(sample.lastPathComponent)")
        }
    }
}
