import Baselines
import Drift
import Events

/// What counts as a credential in the register, and of which class.
///
/// What only leads to secrets, such as the memory of another process, is none; what is no secret but proves who somebody
/// is, such as a certificate, is one. What a user adds is for the register alone: alerts go by the built-in table.
package struct CredentialClasses: Sendable {
    package struct Class: Sendable, Hashable {
        /// `tls-key`.
        package var sort: String
        /// `a TLS private key`.
        package var what: String

        package init(sort: String, what: String) {
            self.sort = sort
            self.what = what
        }
    }

    private struct Row: Sendable {
        var sort: Class
        var patterns: [PathPattern]
        var exceptions: [PathPattern]

        init(_ sort: Class, _ globs: [String], except: [String]) {
            self.sort = sort
            patterns = globs.map(PathPattern.init)
            exceptions = except.map(PathPattern.init)
        }

        func matches(_ path: PathPattern.Path) -> Bool {
            patterns.contains { $0.matches(path) } && !exceptions.contains { $0.matches(path) }
        }
    }

    /// The user's own come before the built-in ones.
    private var given: [Row] = []

    package init() {}

    /// The credential that is read by an open; nil: it reads none.
    func read(by open: Open) -> Class? {
        guard open.access.contains(.read), open.mode & 0o170000 != 0o040000 else { return nil }
        let text = open.path.text
        // Nearly all paths are of no class: most are told by the built-in index and one look at their last bytes.
        if given.isEmpty, !Self.mayBeProof(text) { return Credential.at(text).flatMap(Class.init) }
        let path = PathPattern.Path(text)
        if let row = given.first(where: { $0.matches(path) }) { return row.sort }
        if let credential = Credential.at(text) { return Class(credential) }
        return Self.proofs.first { $0.matches(path) }?.sort
    }

    /// The credential that is given by a socket.
    func socket(_ path: String) -> Class? {
        if !given.isEmpty {
            let parts = PathPattern.Path(path)
            if let row = given.first(where: { $0.matches(parts) }) { return row.sort }
        }
        return Credential.at(path).flatMap(Class.init)
    }

    /// Reviewed by hand: what no alert is about, since it is no secret or is opened by whoever works with it.
    private static let proofs: [Row] = [
        Row(
            Class(sort: "database", what: "a database of accounts or passwords"),
            [
                "**/*.kdbx", "**/key4.db", "**/logins.json", "**/Login Data", "/var/lib/mysql/mysql.ibd",
                "/var/lib/mysql/mysql/*", "/var/lib/postgresql/**/global/1260", "/var/lib/sss/db/*.ldb",
                "/var/lib/samba/private/*.tdb", "/var/lib/samba/private/*.ldb",
            ], except: []),
        Row(
            Class(sort: "certificate", what: "a certificate"), ["**/*.pem", "**/*.crt", "**/*.cer", "**/*.cert"],
            // Whom a system trusts is nobody's identity.
            except: [
                "/etc/ssl/certs/**", "/etc/ssl/cert.pem", "/usr/**", "/etc/pki/**", "/etc/ca-certificates/**",
                "/var/lib/ca-certificates/**", "/snap/**", "**/ca.crt", "**/ca.pem", "**/cacert.pem", "**/ca-*.crt",
                "**/ca-*.pem", "**/certifi/**", "**/site-packages/**", "**/node_modules/**",
            ]),
    ]

    private static let endings = [
        ".pem", ".crt", ".cer", ".cert", ".kdbx", ".db", ".json", " Data", ".ibd", "/1260", ".ldb", ".tdb",
    ].map { Array($0.utf8) }

    private static func mayBeProof(_ path: String) -> Bool {
        let bytes = path.utf8
        return endings.contains { bytes.suffix($0.count).elementsEqual($0) } || path.hasPrefix("/var/lib/mysql/")
    }

    // MARK: What users add

    /// Strict as a baseline file: an unknown key or a glob that cannot be meant refuses the file.
    package init(_ bytes: [UInt8], file: String) throws(FileRefusal) {
        for document in try YAMLValue.documents(bytes, file: file) {
            let top = try document.mapping("a file of credential classes", keys: ["classes"])
            guard let list = top["classes"] else { throw document.refusal("classes is missing") }
            for value in try list.sequence("classes") { given.append(try Self.row(value)) }
        }
    }

    private static func row(_ value: YAMLValue) throws(FileRefusal) -> Row {
        let fields = try value.mapping("a credential class", keys: ["class", "what", "paths", "except"])
        guard let name = fields["class"], let paths = fields["paths"] else {
            throw value.refusal("a credential class needs class and paths")
        }
        let sort = try name.text("class")
        guard !sort.isEmpty, sort.utf8.count <= 64, sort.utf8.allSatisfy(isNameByte) else {
            throw name.refusal("class is a word of lower-case letters, digits and dashes, as tls-key")
        }
        return Row(
            Class(sort: sort, what: try fields["what"]?.text("what") ?? "a credential of class \(sort)"),
            try globs(paths, "paths"),
            except: try fields["except"].map { value throws(FileRefusal) in
                try globs(value, "except")
            } ?? [])
    }

    private static func globs(_ value: YAMLValue, _ name: String) throws(FileRefusal) -> [String] {
        let globs = try value.texts(name)
        for glob in globs {
            let segments = glob.split(separator: "/")
            guard glob.hasPrefix("/") || glob.hasPrefix("**/"), segments.contains(where: { $0 != "**" && $0 != "*" })
            else {
                throw value.refusal("\(name): \(glob) is no path; begin it with / or **/, and do not take everything")
            }
            // More could take long to compare.
            guard segments.count(where: { $0 == "**" }) <= 2 else {
                throw value.refusal("\(name): \(glob) has more than two **")
            }
        }
        return globs
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2d
    }
}

extension CredentialClasses.Class {
    init?(_ credential: Credential) {
        guard let sort = credential.sort else { return nil }
        self.init(sort: sort, what: credential.what)
    }
}
