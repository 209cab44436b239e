import Events

/// An entry that allows so much that the baseline is hardly one.
package struct LintFinding: Sendable, Equatable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var entry: String
    package var reason: String

    package var description: String { "\(file):\(line): \(reason): \(entry)" }
}

extension BaselineFile.Document {
    /// What is too broad, in the order of the file.
    package func lint() -> [LintFinding] {
        var findings: [LintFinding] = []
        func check(_ entries: [some BaselineEntry], _ lines: [Int], _ reasons: (Int) -> [String?]) {
            for index in entries.indices {
                for reason in reasons(index).compactMap({ $0 }) {
                    findings.append(
                        LintFinding(
                            file: file, line: lines.indices.contains(index) ? lines[index] : line,
                            entry: entries[index].text, reason: reason))
                }
            }
        }
        let spec = baseline.spec
        check(spec.exec, lines.exec) { index in
            let entry = spec.exec[index]
            let shell = Glob.literal(entry.executable).map(Generaliser.keepsArguments) ?? false
            return [
                Self.isAny(entry.executable) ? "any program may be run" : Self.programs(entry.executable),
                shell && entry.arguments == nil && entry.parent.map(Self.isAny) ?? true
                    ? "a shell or interpreter may be run by any program with any arguments" : nil,
                entry.arguments.flatMap { Self.script($0, of: entry.executable) },
            ]
        }
        check(spec.open, lines.open) { index in
            let entry = spec.open[index]
            return [Self.path(entry.path) ?? Self.anyProgram(entry)]
        }
        check(spec.connect, lines.connect) { index in
            switch spec.connect[index].peer {
            case .block(let block): return [Self.block(block, spec.connect[index].ports)]
            case .scope(let scope): return [Self.scope(scope, spec.connect[index])]
            case .domain(let domain):
                return [
                    domain.split(separator: ".").allSatisfy { $0 == "*" || $0 == "**" } || domain == "**"
                        || Self.isTopLevel(domain)
                        ? "any domain, or any below a top level, may be connected to" : nil
                ]
            case .path(let path): return [Self.path(path)]
            case .unseen: return []
            }
        }
        check(spec.listen, lines.listen) { index in
            [
                spec.listen[index].ports == nil || spec.listen[index].ports!.count == 65536
                    ? "any port may be opened" : nil
            ]
        }
        return findings
    }

    private static func isAny(_ pattern: String) -> Bool { ["*", "**", "/**"].contains(pattern) }

    private static func isTopLevel(_ domain: String) -> Bool {
        let labels = domain.split(separator: ".")
        return labels.first == "**" && labels.count <= 2 || labels.first == "*" && labels.count <= 2 && labels.count > 1
    }

    private static func script(_ arguments: [String], of executable: String) -> String? {
        for (index, word) in arguments.enumerated() where index > 0 && Glob.literal(word) == nil {
            let isWhole = ["*", "**"].contains(word)
            if isWhole, !ArgumentFanOut.mayBeAny(after: arguments.prefix(index), of: executable) {
                return "any script may be run"
            }
            if !isWhole, ["-c", "-e"].contains(arguments[index - 1]), Glob.holdsDeep(word) {
                return "a script that may go on in any way, by its **"
            }
        }
        return nil
    }

    private static func programs(_ pattern: String) -> String? {
        guard Glob.literal(pattern) == nil else { return nil }
        let segments = pattern.split(separator: "/").map(String.init)
        let fixed = Array(segments.prefix { Glob.literal($0) != nil })
        if fixed.isEmpty { return "a program from anywhere may be run" }
        if fixed.first == "tmp" || fixed.starts(with: ["var", "tmp"]) || fixed.starts(with: ["dev", "shm"]) {
            return "a program that anyone put there may be run"
        }
        let rest = segments.dropFirst(fixed.count).first
        return (rest == "*" || rest == "**") && PathFanOut.isProgram(fixed)
            ? "any program of a directory of programs may be run" : nil
    }

    private static func path(_ pattern: String) -> String? {
        if isAny(pattern) { return "any path" }
        guard Glob.literal(pattern) == nil else { return nil }
        let segments = pattern.split(separator: "/").map(String.init)
        let fixed = Array(segments.prefix { Glob.literal($0) != nil })
        if pattern.utf8.first == Glob.slash || pattern.utf8.first == Glob.star, fixed.isEmpty {
            return "a star in the first segment"
        }
        if fixed.count == 1, segments.contains("**"), wholes.contains(fixed[0]) { return "all of /\(fixed[0])" }
        if let secret = secrets.first(where: { Glob.matchesPath(pattern, $0) }) {
            return "a secret such as \(secret) is among what it names"
        }
        for (index, segment) in segments.enumerated() where segment == "*" || segment == "**" {
            if PathFanOut.isSecret(Array(segments.prefix(index))) { return "a directory of secrets as a whole" }
        }
        let rest = segments.dropFirst(fixed.count).first
        guard rest == "*" || rest == "**", !fixed.starts(with: locales) else { return nil }
        return PathFanOut.isProgram(fixed) ? "a directory of programs as a whole" : nil
    }

    /// Trees that hold too many sorts of things to be one.
    private static let wholes: Set<String> = [
        "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "proc", "root", "run", "sbin", "sys", "usr",
        "var",
    ]

    /// Data of the C library beside its programs; every program reads some at its start.
    private static let locales = ["usr", "lib", "locale"]

    /// One of each sort; that a pattern names one of them by more than its name says that it was made too wide.
    private static let secrets = [
        "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssh/ssh_host_ed25519_key", "/etc/ssl/private/server.key",
        "/root/.ssh/id_ed25519", "/root/.aws/credentials", "/home/user/.ssh/id_ed25519", "/home/user/.aws/credentials",
        "/run/secrets/token", "/var/run/secrets/kubernetes.io/serviceaccount/token",
        "/run/secrets/kubernetes.io/serviceaccount/token", "/etc/kubernetes/admin.conf",
        "/var/lib/kubelet/pki/kubelet-client-current.pem", "/run/docker.sock", "/run/containerd/containerd.sock",
        "/proc/1/root/etc/shadow",
    ]

    private static func anyProgram(_ entry: OpenEntry) -> String? {
        guard isAny(entry.executable) else { return nil }
        let segments = entry.path.split(separator: "/").map(String.init)
        guard segments.contains("**") else { return nil }
        if segments.prefix(while: { Glob.literal($0) != nil }).count < 2 { return "any program may open all of a tree" }
        return entry.access.isSubset(of: [.read, .path]) ? nil : "any program may write all of a tree"
    }

    /// That a program reaches any public address is not said without having been seen.
    private static func scope(_ scope: IPAddress.Scope, _ entry: ConnectEntry) -> String? {
        let isAnyPort = entry.ports == nil || entry.ports!.count == 65536
        if isAnyPort, scope != .loopback { return "any port of any \(scope.rawValue) address" }
        if let refusal = AddressFanOut.refusal(scope, to: entry.executable, entry.ports) { return refusal }
        guard scope == .public, let needed = AddressFanOut.budget(scope)?.scope, entry.breadth.count < needed else {
            return nil
        }
        return "any public address may be connected to, by a program that was seen with \(entry.breadth.count) "
            + "(breadth) and not \(needed)"
    }

    private static func block(_ block: AddressBlock, _ ports: ClosedRange<UInt16>?) -> String? {
        let isAnyPort = ports == nil || ports!.count == 65536
        if block.prefix == 0 { return "any address may be connected to" + (isAnyPort ? ", at any port" : "") }
        let widest = block.base.isIPv4 ? 8 : 16
        if block.prefix < widest { return "a block of more than /\(widest)" }
        guard isAnyPort, block.base.scope != .loopback, block.prefix < (block.base.isIPv4 ? 24 : 64) else { return nil }
        return "any port of many addresses"
    }
}
