@testable import Baselines

/// A baseline file, or a profile of Kubescape: refused on one line, or taken, and then its canonical writing means the
/// same.
func fuzzBaseline(_ bytes: [UInt8]) throws(Broken) {
    let baselines: [Baseline]
    do {
        baselines = try Profile.parse(bytes, file: "f", workload: "w").map(\.baseline)
    } catch {
        try Broken.unless(!error.description.contains { $0.isNewline }, "a refusal of several lines")
        return
    }
    for baseline in baselines {
        let written = BaselineWriter.file(baseline)
        do {
            let read = try BaselineFile.parse(written, file: "g").first
            try Broken.unless(read?.baseline.spec == baseline.spec.canonical, "written and read: \(written)")
            try Broken.unless(read?.baseline.key == baseline.key, "written and read: \(written)")
        } catch let refusal as FileRefusal {
            throw Broken(description: "what we write we refuse: \(refusal)\n\(written)")
        } catch {
            throw Broken(description: "\(error)")
        }
        _ = BaselineIndex(baseline.spec)
        for format in Draft.Format.allCases { _ = Draft.of([baseline], as: format) }
    }
}
