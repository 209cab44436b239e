import Foundation

/// A directory of a test's own, removed with the value. `fixed` ones keep their path from run to run, for goldens.
final class Scratch: Sendable {
    let path: String

    init(_ name: String, fixed: Bool = false) {
        path = fixed ? "/tmp/driftwatch-node/\(name)" : "/tmp/driftwatch-node/\(name)-\(UUID().uuidString.prefix(8))"
        try? FileManager.default.removeItem(atPath: path)
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    static func / (scratch: Scratch, name: String) -> String { scratch.path + "/" + name }

    func write(_ text: String, to name: String) throws -> String {
        let path = self / name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }
}

/// Bytes that are not UTF-8 are replaced.
func read(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
}

/// Polls until `condition` gives a value.
@discardableResult
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(10), _ condition: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit * Node.patience
    while ContinuousClock.now < deadline {
        if let value = try await condition() { return value }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw Trouble("\(what): not within \(limit)")
}
