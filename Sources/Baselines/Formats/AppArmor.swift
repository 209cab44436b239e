import Events

/// Drafts AppArmor profiles, in complain mode: one for all programs of a workload, since a container has one.
enum AppArmor {
    static func draft(_ baselines: [Baseline]) -> Draft {
        var draft = Draft(text: "abi <abi/3.0>,\ninclude <tunables/global>\n", leftOut: [])
        for baseline in baselines {
            var omissions = Omissions()
            let rules = rules(baseline.spec.canonical, &omissions)
            let leftOut = omissions.lines(of: baseline.key.workload)
            draft.leftOut += leftOut
            draft.text +=
                "\n" + head(baseline, leftOut)
                + "profile driftwatch-\(plainName(baseline.key.workload)) flags=(complain) {\n"
                + rules + "}\n"
        }
        return draft
    }

    private static func head(_ baseline: Baseline, _ leftOut: [String]) -> String {
        let lines =
            [
                "A draft made by driftwatch from the baseline of \(baseline.key),",
                "\(baseline.checksum).",
                "Read it, try it as it is (it only complains), add what the log shows, then take the flag away.",
                "",
                "What AppArmor has no word for, or this draft does not use:",
                "- which program does it: all programs of the profile may do what one of them may",
                "- by which parent and with which arguments a program is run",
                "- addresses, domains and ports: only the sorts of sockets are limited",
                "What the baseline does not know, and the draft therefore allows or leaves to the log:",
                "- capabilities, signals, ptrace and mounts; rename, unlink, link and chmod; netlink sockets",
            ] + (leftOut.isEmpty ? [] : ["Left out or made wider:"]) + leftOut.map { "- \($0)" }
        // A line of a baseline must not become a rule.
        return lines.map { "# " + visible($0) }.map { $0 == "# " ? "#\n" : $0 + "\n" }.joined()
    }

    private static func rules(_ spec: BaselineSpec, _ omissions: inout Omissions) -> String {
        var permissions: [String: Set<Character>] = [:]
        func allow(_ paths: [String], _ letters: String) {
            for path in paths { permissions[path, default: []].formUnion(letters) }
        }
        for entry in spec.exec {
            if entry.executable == "*" { omissions.add("any program may be run", entry) }
            guard let paths = paths(entry.executable == "*" ? "/**" : entry.executable, directory: false) else {
                omissions.add("a program without a file is left out", entry)
                continue
            }
            allow(paths, "rmix")
        }
        for entry in spec.open {
            guard let paths = paths(entry.path, directory: entry.access == .read) else {
                omissions.add("what has no place in the tree is left out", entry)
                continue
            }
            var letters = ""
            if entry.access.contains(.read) { letters += "r" }
            if !entry.access.isDisjoint(with: [.write, .create, .truncate, .append]) { letters += "w" }
            // A library is mapped to be run.
            if letters.contains("r"), isLibrary(entry.path) { letters += "m" }
            if letters.isEmpty {
                omissions.add("an open for the path alone is left out: nothing is checked then", entry)
            } else {
                allow(paths, letters)
            }
        }
        var networks: Set<String> = []
        for entry in spec.connect {
            switch entry.peer {
            case .path(let path):
                networks.insert("network unix")
                if let paths = paths(path, directory: false) { allow(paths, "rw") }
            case .block(let block): networks.formUnion(sockets([block.base.isIPv4 ? "inet" : "inet6"], entry.transport))
            case .domain, .scope: networks.formUnion(sockets(["inet", "inet6"], entry.transport))
            case .unseen: networks.formUnion(sockets(["inet", "inet6"], entry.transport))
            }
        }
        for entry in spec.listen { networks.formUnion(sockets(["inet", "inet6"], entry.transport)) }

        let order: [Character] = ["r", "w", "m", "i", "x"]
        let files = permissions.sorted { $0.key < $1.key }.map { path, letters in
            "  \(path) \(String(order.filter(letters.contains))),\n"
        }
        return "  capability,\n  signal peer=@{profile_name},\n" + (networks.isEmpty ? "" : "\n")
            + networks.sorted().map { "  \($0),\n" }.joined() + (files.isEmpty ? "" : "\n") + files.joined()
    }

    private static func sockets(_ families: [String], _ transport: Transport?) -> [String] {
        switch transport {
        case .tcp?, .sctp?: families.map { "network \($0) stream" }
        case .udp?, .udplite?: families.map { "network \($0) dgram" }
        case .unix?: ["network unix"]
        case .raw?, .icmp?, .other?: families.map { "network \($0) raw" }
        case .packet?, .vsock?, .xdp?, .can?, .tipc?, .bluetooth?: ["network \(transport!)"]
        case .dccp?: families.map { "network \($0) dccp" }
        case nil, .family?: families.map { "network \($0)" }
        }
    }

    private static func isLibrary(_ pattern: String) -> Bool {
        let name = pattern.split(separator: "/").last ?? ""
        return name.hasSuffix(".so") || name.contains { $0 == "*" } && name.contains(".so")
            || name.firstRange(of: ".so.").map { name[$0.upperBound...].first?.isNumber ?? false } ?? false
    }

    /// Nil where it is no path. What is only read may be a directory, which AppArmor ends with a slash.
    private static func paths(_ pattern: String, directory: Bool) -> [String]? {
        let pattern = pattern == "*" || pattern == "**" ? "/**" : pattern
        guard pattern.utf8.first == Glob.slash else { return nil }
        if pattern == "/" { return ["/"] }
        var result = ""
        let needsQuotes = pattern.contains { " \"#,=()".contains($0) }
        let segments = pattern.split(separator: "/").map(String.init)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            // Ours is the directory itself too, where it stands at the end, and none at all elsewhere.
            case "**": result += isLast ? "/{,**}" : "/{**/,}"
            default: result += (result.hasSuffix("/{**/,}") ? "" : "/") + escaped(segment)
            }
        }
        if directory, segments.last != "**", !segments.last!.contains(".") { result += "{,/}" }
        return [needsQuotes ? "\"\(result)\"" : result]
    }

    private static func escaped(_ segment: String) -> String {
        var result = ""
        let bytes = Array(segment.utf8)[...]
        var index = 0
        var plain: [UInt8] = []
        func flush() {
            for scalar in String(decoding: plain, as: UTF8.self).unicodeScalars {
                if scalar.value < 32 || scalar.value == 127 {
                    let digits = String(scalar.value, radix: 8)
                    result += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
                } else {
                    if "\\*?[]{}^\"".unicodeScalars.contains(scalar) { result += "\\" }
                    result.unicodeScalars.append(scalar)
                }
            }
            plain = []
        }
        while index < bytes.count {
            if bytes[index] == Glob.star {
                flush()
                result += "*"
                index += 1
                continue
            }
            let length = Glob.escapeLength(bytes, index)
            if Glob.isClass(bytes, index) {
                flush()
                result += "[a-zA-Z0-9_]"
                index += length
                continue
            }
            plain.append(bytes[index + length - 1])
            index += length
        }
        flush()
        return result
    }

    private static func visible(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { text, scalar in
            text += scalar.value < 32 || (127..<160).contains(scalar.value) ? "?" : String(scalar)
        }
    }
}
