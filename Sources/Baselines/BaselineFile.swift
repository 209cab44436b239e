import Events
import Foundation
import Yams

/// Reads baseline files strictly: a file is taken whole or refused with the place and the reason.
package enum BaselineFile {
    package static let largest = 16 << 20

    /// A baseline and where each entry of it was written.
    package struct Document: Sendable {
        package var baseline: Baseline
        package var file: String
        /// Line of the document.
        package var line: Int
        /// Lines of the entries of `spec`, in the order of the file.
        package var lines: Lines

        package struct Lines: Sendable, Equatable {
            package var exec: [Int] = []
            package var connect: [Int] = []
            package var listen: [Int] = []
            package var open: [Int] = []
        }
    }

    /// All baseline files of a directory and of those below, or the one file.
    package static func load(path: String) -> (documents: [Document], refusals: [BaselineRefusal]) {
        var documents: [Document] = []
        var refusals: [BaselineRefusal] = []
        do {
            for file in try files(path) {
                do {
                    documents += try read(file)
                } catch {
                    refusals.append(error)
                }
            }
        } catch {
            refusals.append(error)
        }
        return (documents, refusals)
    }

    package static func read(_ path: String) throws(BaselineRefusal) -> [Document] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw BaselineRefusal(file: path, reason: "cannot be read: \(reason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw BaselineRefusal(file: path, reason: "is not a file") }
        guard status.st_size <= largest else {
            throw BaselineRefusal(file: path, reason: "is larger than 16 MiB; split it")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BaselineRefusal(file: path, reason: "cannot be read: \(reason(errno))")
        }
        return try parse(Array(data), file: path)
    }

    package static func parse(_ text: String, file: String) throws(BaselineRefusal) -> [Document] {
        try parse(Array(text.utf8), file: file)
    }

    package static func parse(_ bytes: [UInt8], file: String) throws(BaselineRefusal) -> [Document] {
        guard bytes.count <= largest else {
            throw BaselineRefusal(file: file, reason: "is larger than 16 MiB; split it")
        }
        let nodes = try YAMLText.nodes(bytes, file: file)
        var documents: [Document] = []
        for node in nodes {
            let value = YAMLValue(node: node, file: file)
            // A separator at the end of a stream begins an empty document.
            if !value.isNull { documents.append(try document(value)) }
        }
        guard !documents.isEmpty else { throw BaselineRefusal(file: file, line: 1, reason: "holds no baseline") }
        return documents
    }

    /// The lists of a spec alone, as `driftwatch.drift.allow` gives them; `spec:` above them is taken too.
    package static func parseSpec(_ text: String, file: String = "patch") throws(BaselineRefusal) -> BaselineSpec {
        guard let node = try YAMLText.nodes(Array(text.utf8), file: file).first else {
            throw BaselineRefusal(file: file, reason: "holds no entry")
        }
        var value = YAMLValue(node: node, file: file)
        if case .mapping(let mapping) = node, mapping.count == 1, let inner = mapping["spec"] {
            value = YAMLValue(node: inner, file: file)
        }
        return try SpecReader.spec(value).spec
    }

    private static func document(_ value: YAMLValue) throws(BaselineRefusal) -> Document {
        // Looked at first: a file of another version may have other keys.
        if case .mapping(let mapping) = value.node {
            if let version = mapping["apiVersion"] {
                let version = YAMLValue(node: version, file: value.file)
                let text = try version.text("apiVersion")
                guard text == "driftwatch/v1" else {
                    throw version.refusal(
                        "apiVersion \(shown(text)) is not known to this driftwatch, which reads driftwatch/v1")
                }
            }
            if let kind = mapping["kind"] {
                let kind = YAMLValue(node: kind, file: value.file)
                let text = try kind.text("kind")
                guard text == "Baseline" else { throw kind.refusal("kind must be Baseline, not \(shown(text))") }
            }
        }
        let top = try value.mapping("a baseline", keys: ["apiVersion", "kind", "metadata", "spec", "status"])
        for key in ["apiVersion", "kind", "metadata", "spec"] where top[key] == nil {
            throw value.refusal("\(key) is missing")
        }
        let metadata = try top["metadata"]!.mapping("metadata", keys: ["workload", "image", "digest"])
        guard let name = metadata["workload"] else { throw top["metadata"]!.refusal("metadata.workload is missing") }
        let workload = try name.text("metadata.workload")
        guard !workload.isEmpty else { throw name.refusal("metadata.workload may not be empty") }
        let (spec, lines) = try SpecReader.spec(top["spec"]!)
        return Document(
            baseline: Baseline(
                key: BaselineKey(
                    workload: workload,
                    digest: try optional(metadata["digest"]) { v throws(BaselineRefusal) in
                        try v.text("metadata.digest")
                    }),
                image: try optional(metadata["image"]) { v throws(BaselineRefusal) in try v.text("metadata.image") },
                spec: spec,
                status: try optional(top["status"]) { v throws(BaselineRefusal) in try status(v) } ?? BaselineStatus()),
            file: value.file, line: value.node.mark?.line ?? 1, lines: lines)
    }

    private static func status(_ value: YAMLValue) throws(BaselineRefusal) -> BaselineStatus {
        let keys = ["state", "completeness", "coverage", "instances", "learnedFrom", "learnedUntil"]
        let fields = try value.mapping("status", keys: keys).filter { !$0.value.isNull }
        var status = BaselineStatus()
        if let state = fields["state"] {
            let text = try state.text("status.state")
            guard let known = BaselineStatus.State(rawValue: text) else {
                throw state.refusal("status.state must be learning, candidate or armed, not \(shown(text))")
            }
            status.state = known
        }
        status.completeness = try fields["completeness"]?.fraction("status.completeness")
        if let coverage = fields["coverage"] {
            let counts = try coverage.mapping("status.coverage", keys: ["seen", "lost"])
            status.coverage = BaselineStatus.Coverage(
                seen: try counts["seen"]?.integer("status.coverage.seen", in: 0...Int.max) ?? 0,
                lost: try counts["lost"]?.integer("status.coverage.lost", in: 0...Int.max) ?? 0)
        }
        status.instances = try fields["instances"]?.integer("status.instances", in: 0...Int.max)
        status.learnedFrom = try fields["learnedFrom"]?.time("status.learnedFrom")
        status.learnedUntil = try fields["learnedUntil"]?.time("status.learnedUntil")
        return status
    }

    private static func optional<Value>(
        _ value: YAMLValue?, _ read: (YAMLValue) throws(BaselineRefusal) -> Value
    ) throws(BaselineRefusal) -> Value? {
        guard let value, !value.isNull else { return nil }
        return try read(value)
    }

    private static func files(_ path: String) throws(BaselineRefusal) -> [String] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw BaselineRefusal(file: path, reason: "cannot be read: \(reason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [path] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw BaselineRefusal(file: path, reason: "cannot be listed: \(reason(EACCES))")
        }
        var found: [String] = []
        for name in names.sorted() where !name.hasPrefix(".") {
            let child = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            if stat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                // A link to a directory could lead back here.
                if lstat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { found += try files(child) }
            } else if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
                found.append(child)
            }
        }
        return found
    }
}

func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

extension YAMLText {
    /// The documents of a stream.
    static func nodes(_ bytes: [UInt8], file: String) throws(BaselineRefusal) -> [Node] {
        // A byte order mark is no part of the text.
        let bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let place = firstInvalid(bytes)
            throw BaselineRefusal(
                file: file, line: place.line, column: place.column, reason: "is not UTF-8; save it as UTF-8")
        }
        if let fault = YAMLGuard.fault(in: bytes) {
            throw BaselineRefusal(file: file, line: fault.line, column: fault.column, reason: fault.reason)
        }
        var nodes: [Node] = []
        do {
            let parser = try Parser(yaml: text + "\n", encoding: .utf8)
            while let node = try parser.nextRoot() { nodes.append(node) }
        } catch {
            throw refusal(error, file: file, bytes: bytes)
        }
        return nodes
    }

    private static func refusal(_ error: any Error, file: String, bytes: [UInt8]) -> BaselineRefusal {
        func at(_ mark: Mark, _ problem: String) -> BaselineRefusal {
            BaselineRefusal(file: file, line: mark.line, column: mark.column, reason: "is not YAML: \(problem)")
        }
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
            .composer(_, let problem, let mark, _)?:
            return at(mark, problem)
        case .duplicatedKeysInMapping(let keys, let context)?:
            return BaselineRefusal(
                file: file, line: context.mark.line, column: context.mark.column,
                reason: "key \(keys.map { $0 }.joined(separator: ", ")) given twice")
        case .reader(let problem, let offset, _, _)?:
            let before = bytes.prefix(offset ?? 0)
            let column = before.count - (before.lastIndex(of: 10).map { $0 + 1 } ?? 0) + 1
            return BaselineRefusal(
                file: file, line: before.reduce(1) { $1 == 10 ? $0 + 1 : $0 }, column: column,
                reason: "is not YAML: \(problem)")
        default:
            return BaselineRefusal(file: file, reason: "is not YAML")
        }
    }

    private static func firstInvalid(_ bytes: [UInt8]) -> (line: Int, column: Int) {
        var line = 1
        for part in bytes.split(separator: 10, omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil {
                var good = 0
                while good < part.count,
                    String(validating: part.prefix(good + 1), as: UTF8.self) != nil
                        || String(validating: part.prefix(good + 2), as: UTF8.self) != nil
                        || String(validating: part.prefix(good + 3), as: UTF8.self) != nil
                        || String(validating: part.prefix(good + 4), as: UTF8.self) != nil
                {
                    good += 1
                }
                return (line, good + 1)
            }
            line += 1
        }
        return (line, 1)
    }
}
