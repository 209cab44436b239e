import ArgumentParser
import Baselines
import Foundation

/// Where a setting comes from: a flag wins over the environment, the environment over the file.
struct Settings {
    private var environment: [String: String]
    private var file: [String: [String]] = [:]
    /// What is no list of words, by its key: read by whoever knows it.
    private(set) var sections: [String: YAMLValue] = [:]
    /// Where they were read from; empty: nowhere.
    private(set) var path = ""

    static let defaultFile = "/etc/driftwatch/config.yaml"
    static let keys =
        [
            "baselines", "events", "format", "learn", "learn-target", "output", "ready-file", "state", "tier",
            "workload",
        ] + DossierOptions.keys + ProofOptions.keys + ClusterOptions.keys + ScanOptions.keys
        + RegisterOptions.keys + CredentialOptions.keys

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

    /// Settings that may also stand together: `kubernetes: {url: ..., token_file: ...}`.
    private static let groups = ["kubernetes"]
    /// Settings that are no flags.
    private static let sectionKeys = [ResponseOptions.key]

    private static func underscored(_ key: String) -> String { key.replacing("-", with: "_") }

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
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure("cannot read \(path): \(reason(errno)); name another file with --config")
        }
        do throws(FileRefusal) {
            let documents = try YAMLValue.documents(Array(data), file: path)
            guard let root = documents.first, !root.isNull else { return }
            if documents.count > 1 { throw documents[1].refusal("one document of settings is taken, not several") }
            for (name, value) in try root.mapping("the settings", keys: Self.keys + Self.groups + Self.sectionKeys) {
                if Self.sectionKeys.contains(name) {
                    if !value.isNull { sections[name] = value }
                    continue
                }
                if Self.groups.contains(name) {
                    let prefix = name + "-"
                    let keys = Self.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
                    for (key, value) in try value.mapping(name, keys: keys.flatMap { [$0, Self.underscored($0)] }) {
                        let setting = prefix + key.replacing("_", with: "-")
                        file[setting] = [try value.scalar(setting).text]
                    }
                    continue
                }
                let values = value.isSequence ? try value.sequence(name) : [value]
                file[name] = try values.map { item throws(FileRefusal) in try item.scalar(name).text }
            }
        } catch {
            throw Failure("\(error)")
        }
    }
}

/// The system's words for an error number.
func reason(_ number: Int32) -> String { String(cString: strerror(number)).lowercased() }
