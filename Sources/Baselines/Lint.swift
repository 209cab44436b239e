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
                entry.arguments.flatMap(Self.script),
            ]
        }
        check(spec.open, lines.open) { index in [Self.path(spec.open[index].path)] }
        check(spec.connect, lines.connect) { index in
            switch spec.connect[index].peer {
            case .block(let block):
                if block.prefix == 0 { return ["any address may be connected to"] }
                let widest = block.base.isIPv4 ? 8 : 16
                return [block.prefix < widest ? "a block of more than /\(widest)" : nil]
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

    private static func script(_ arguments: [String]) -> String? {
        guard let option = arguments.firstIndex(of: "-c"), option + 1 < arguments.count,
            ["*", "**"].contains(arguments[option + 1])
        else { return nil }
        return "any script may be run"
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
        let rest = segments.dropFirst(fixed.count).first
        guard rest == "*" || rest == "**" else { return nil }
        if PathFanOut.isSecret(fixed) || fixed == ["etc"] || fixed == ["root"] && rest == "**"
            || fixed == ["home"] && rest == "**"
            || fixed == ["run"] && rest == "**" || fixed == ["var"] && rest == "**"
        {
            return "a directory of secrets as a whole"
        }
        return PathFanOut.isProgram(fixed) ? "a directory of programs as a whole" : nil
    }
}
