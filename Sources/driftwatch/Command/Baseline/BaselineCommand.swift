import ArgumentParser
import Baselines
import Drift
import Foundation

struct BaselineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "See, review and change what is normal.",
        discussion: """
            Example:
              driftwatch baseline show container/web
            """,
        subcommands: [
            ListBaselines.self, ShowBaseline.self, DiffBaselines.self, ApproveBaseline.self, AllowAlert.self,
            ResetBaseline.self, BaselineHistory.self, UndoChange.self, ExportBaselines.self, ImportBaselines.self,
            MergeBaselines.self, LintBaselines.self,
        ])
}

/// The stored baselines that a command works on.
struct StateOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Where what was observed is kept.", valueName: "dir"))
    var state: String?
    @Option(name: .long, help: "Settings file in YAML; default /etc/driftwatch/config.yaml if there.")
    var config: String?

    func directory() throws(Failure) -> String {
        try Settings(config: config).value("state", flag: state, else: RunCommand.defaultState)
    }

    func store() throws -> Store { try failing { try Store.attach(directory: directory()) } }
}

/// Which of the stored baselines is meant.
struct BaselineName: ParsableArguments {
    @Argument(help: "Workload id.") var workload: String
    @Option(name: .long, help: "Of which image or executable, where there are several; a beginning will do.")
    var digest: String?

    /// The one that is meant; the newest of several.
    func find(in store: Store) throws -> StoredBaseline {
        let found = try failing { try store.baselines() }.filter { stored in
            stored.key.workload == workload && (digest.map { Self.matches(stored.key.digest, $0) } ?? true)
        }
        guard let newest = found.max(by: { ($0.learnedFrom ?? 0) < ($1.learnedFrom ?? 0) }) else {
            throw Failure("no baseline of \(workload); driftwatch baseline list shows those that are there")
        }
        return newest
    }

    static func matches(_ digest: String?, _ part: String) -> Bool {
        guard let digest else { return false }
        return digest.hasPrefix(part) || digest.hasPrefix("sha256:" + part)
    }
}

/// Who changes a baseline, and why; both are kept.
struct ReasonOptions: ParsableArguments {
    @Option(name: [.long, .customLong("why")], help: ArgumentHelp("Why, for the record.", valueName: "text"))
    var reason = ""

    /// Who logged in, as the kernel remembers it through sudo and su; else what sudo says; else the user.
    var who: String {
        let user = geteuid()
        let login = (try? String(contentsOfFile: "/proc/self/loginuid", encoding: .utf8))
            .flatMap { UInt32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        // The largest number: nobody logged in.
        guard let behind = login.flatMap({ $0 == .max ? nil : $0 }) else {
            let sudo = ProcessInfo.processInfo.environment["SUDO_USER"]
            return sudo.map { $0 == Self.name(user) ? $0 : "\($0) as \(Self.name(user))" } ?? Self.name(user)
        }
        return behind == user ? Self.name(user) : "\(Self.name(behind)) as \(Self.name(user))"
    }

    private static func name(_ user: uid_t) -> String {
        guard let entry = getpwuid(user), let name = entry.pointee.pw_name else { return "uid \(user)" }
        return String(cString: name)
    }
}

/// Turns what the rooms throw into the one line of the command.
func failing<T>(_ body: () throws -> T) throws(Failure) -> T {
    do { return try body() } catch let failure as Failure { throw failure } catch { throw Failure("\(error)") }
}

/// Baselines of files, or of all files below directories, and what was refused.
func findBaselines(_ paths: [String]) throws(Failure) -> (
    documents: [BaselineFile.Document], refusals: [FileRefusal]
) {
    var documents: [BaselineFile.Document] = []
    var refusals: [FileRefusal] = []
    for path in paths {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Failure("\(path) is not there; name a file or directory")
        }
        let loaded = BaselineFile.load(path: path)
        if loaded.documents.isEmpty, loaded.refusals.isEmpty { throw nothingIn(path) }
        documents += loaded.documents
        refusals += loaded.refusals
    }
    return (documents, refusals)
}

/// That a directory was the wrong one is not to pass for that all in it is well.
func nothingIn(_ directory: String) -> Failure {
    Failure("\(directory) holds no file that ends in .yaml or .yml; name a directory with baselines")
}

/// All but the last are told as they are; the last is what the command fails with.
func fail(with refusals: [FileRefusal]) throws(Failure) {
    for refusal in refusals.dropLast() { Main.report("\(refusal)") }
    if let last = refusals.last { throw Failure("\(last)") }
}

/// Where one that is missing would make the result wrong.
func loadBaselines(_ paths: [String]) throws(Failure) -> [BaselineFile.Document] {
    let (documents, refusals) = try findBaselines(paths)
    try fail(with: refusals)
    return documents
}

/// Writes a file beside its place and moves it there, so that a reader never sees half of it.
func writeWhole(_ text: String, to path: String) throws(Failure) {
    do { try text.write(toFile: path, atomically: true, encoding: .utf8) } catch {
        throw Failure("cannot write \(path): \(reason(errno)); choose a directory that can be written")
    }
}

extension Baseline {
    /// Flat, so that one directory holds them all: `container_web@9c1b2f33d1a0`, without an ending. No two workloads
    /// have the same.
    var fileName: String {
        var name = Self.plain(key.workload)
        if name.utf8.count > Self.longestName {
            let whole = Baseline(key: BaselineKey(workload: key.workload)).checksum
            name = name.prefix(Self.longestName) + "~" + whole.replacing("sha256:", with: "").prefix(12)
        }
        return name + (key.digest.map { "@" + Self.plain(String($0.replacing("sha256:", with: "").prefix(12))) } ?? "")
    }

    /// A name may have 255 bytes (NAME_MAX), of which the digest, the ending and a name on the way take some.
    private static let longestName = 160

    /// An underscore for each slash; all else that a file's name had better not hold, as in a URL, an underscore too.
    private static func plain(_ text: String) -> String {
        text.utf8.reduce(into: "") { name, byte in
            let character = Character(Unicode.Scalar(byte))
            if byte == UInt8(ascii: "/") {
                name += "_"
            } else if character.isASCII, character.isLetter || character.isNumber || "-.".contains(character) {
                name.append(character)
            } else {
                name += "%" + hex(UInt64(byte), width: 2).uppercased()
            }
        }
    }
}
