import ArgumentParser
import Foundation
import Yams

/// Where a setting comes from: a flag wins over the environment, the environment over the file.
struct Settings {
    private var environment: [String: String]
    private var file: [String: [String]] = [:]
    private var path = ""

    static let defaultFile = "/etc/driftwatch/config.yaml"
    static let keys: Set<String> = [
        "state", "baselines", "scans", "scan-max-age", "workload", "learn", "output", "format", "events", "tier",
        "ready-file",
    ]

    /// Reads `--config`, else `DRIFTWATCH_CONFIG`, else the default file if it is there.
    init(config: String?, environment: [String: String] = ProcessInfo.processInfo.environment) throws(Failure) {
        self.environment = environment
        if let named = config ?? environment["DRIFTWATCH_CONFIG"] {
            try read(named)
        } else if FileManager.default.fileExists(atPath: Self.defaultFile) {
            try read(Self.defaultFile)
        }
    }

    /// One value, read as the flag would read it.
    func value<T: ExpressibleByArgument>(_ key: String, flag: T?, else fallback: T) throws(Failure) -> T {
        try value(key, flag: flag) ?? fallback
    }

    func value<T: ExpressibleByArgument>(_ key: String, flag: T?) throws(Failure) -> T? {
        if let flag { return flag }
        let variable = Self.variable(key)
        if let text = environment[variable], !text.isEmpty { return try parse(text, from: "\(variable)=\(text)") }
        if let text = file[key]?.last { return try parse(text, from: "\(path): \(key): \(text)") }
        return nil
    }

    /// A repeatable setting; of the environment, parts between colons.
    func values(_ key: String, flags: [String]) -> [String] {
        if !flags.isEmpty { return flags }
        if let text = environment[Self.variable(key)], !text.isEmpty {
            return text.split(separator: ":").map(String.init)
        }
        return file[key] ?? []
    }

    private static func variable(_ key: String) -> String {
        "DRIFTWATCH_" + key.uppercased().replacing("-", with: "_")
    }

    private func parse<T: ExpressibleByArgument>(_ text: String, from source: String) throws(Failure) -> T {
        if let value = T(argument: text) { return value }
        let allowed = T.allValueStrings.isEmpty ? "" : "; use one of \(T.allValueStrings.joined(separator: ", "))"
        throw Failure("\(source) is not a valid value\(allowed)", code: .usage)
    }

    private mutating func read(_ path: String) throws(Failure) {
        self.path = path
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure("cannot read \(path): \(reason(errno)); name another file with --config")
        }
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw Failure("\(path) is not YAML: \(error)")
        }
        guard let root else { return }
        guard let mapping = root.mapping else { throw Failure("\(path): the file is no mapping of settings") }
        for (key, node) in mapping {
            let name = key.string ?? ""
            guard Self.keys.contains(name) else {
                let line = key.mark?.line ?? 1
                let known = Self.keys.sorted().joined(separator: ", ")
                throw Failure("\(path):\(line): unknown setting '\(name)'; known are \(known)")
            }
            if let sequence = node.sequence {
                file[name] = sequence.compactMap(\.scalar?.string)
            } else if let scalar = node.scalar {
                file[name] = [scalar.string]
            } else {
                throw Failure("\(path):\(node.mark?.line ?? 1): '\(name)' wants a value or a list")
            }
        }
    }
}

/// The system's words for an error number.
func reason(_ number: Int32) -> String { String(cString: strerror(number)).lowercased() }
