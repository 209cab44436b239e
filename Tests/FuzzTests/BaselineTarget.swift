@testable import Baselines

/// A baseline file: refused on one line, or taken, and then its canonical writing means the same.
func fuzzBaseline(_ bytes: [UInt8]) throws(Broken) {
    let documents: [BaselineFile.Document]
    do {
        documents = try BaselineFile.parse(bytes, file: "f")
    } catch {
        try Broken.unless(!error.description.contains { $0.isNewline }, "a refusal of several lines")
        return
    }
    for document in documents {
        let written = BaselineWriter.file(document.baseline)
        do {
            let read = try BaselineFile.parse(written, file: "g").first
            try Broken.unless(read?.baseline.spec == document.baseline.spec.canonical, "written and read: \(written)")
            try Broken.unless(read?.baseline.key == document.baseline.key, "written and read: \(written)")
        } catch let refusal as FileRefusal {
            throw Broken(description: "what we write we refuse: \(refusal)\n\(written)")
        } catch {
            throw Broken(description: "\(error)")
        }
        _ = BaselineIndex(document.baseline.spec)
    }
}
