import Events

/// Makes what was observed into what is normal, wide enough that an unchanged workload stays silent.
package enum Generaliser {
    /// Distinct names in one directory from which on the directory is what is normal.
    static let fanOut = 16
    /// Ports that Linux hands out by default to sockets that ask for none.
    static let ephemeral: ClosedRange<UInt16> = 32768...60999

    /// The behaviour with its volatile parts as stars and all else escaped: its strings are patterns.
    ///
    /// Cheap enough to be done for all that is learned, so that what is kept stays bounded.
    package static func shape(of behaviour: Behaviour) -> Behaviour {
        switch behaviour {
        case .exec(var exec):
            exec.arguments = keepsArguments(exec.executable) ? words(of: exec) : []
            exec.executable = Glob.escape(exec.executable)
            exec.parent = Glob.escape(exec.parent)
            return .exec(exec)
        case .connect(var connect):
            connect.executable = Glob.escape(connect.executable)
            switch connect.peer {
            case .unix(let path):
                let isAbstract = path.hasPrefix("@")
                connect.peer = .unix(
                    isAbstract
                        ? "@" + Volatile.identifiers(String(path.dropFirst()), numbersFrom: 4) : Volatile.path(path))
            case .ip(let address, .some(let domain)):
                // The name is what the program asked for; its addresses come and go.
                connect.peer = .ip(
                    SocketAddress(ip: IPAddress(bytes: .zero), port: address.port), domain: Glob.canonicalDomain(domain)
                )
            case .ip, .unseen: break
            }
            return .connect(connect)
        case .listen(var listen):
            listen.executable = Glob.escape(listen.executable)
            if listen.transport == .udp, ephemeral.contains(listen.port) { listen.port = ephemeral.lowerBound }
            return .listen(listen)
        case .open(var open):
            open.executable = Glob.escape(open.executable)
            open.path = isLocale(open) ? locales + "**" : Volatile.file(open.path)
            return .open(open)
        }
    }

    private static func words(of exec: ExecBehaviour) -> [String] {
        exec.arguments.enumerated().map { index, word in
            let pattern = Volatile.word(word)
            if pattern == "*", !ArgumentFanOut.mayBeAny(after: exec.arguments[..<index], of: exec.executable) {
                return Glob.escape(word)
            }
            return pattern
        }
    }

    /// A dozen files that every program reads at its start, other ones with another LANG.
    private static let locales = "/usr/lib/locale/"
    private static func isLocale(_ open: OpenBehaviour) -> Bool {
        open.access == .read && open.path.hasPrefix(locales)
    }

    /// The spec that knows all the behaviours, which are shapes.
    package static func spec(of shapes: some Sequence<Behaviour>) -> BaselineSpec {
        var spec = BaselineSpec()
        var connects: [ConnectBehaviour] = []
        var opens: [OpenBehaviour] = []
        for shape in shapes {
            switch shape {
            case .exec(let exec):
                spec.exec.append(
                    ExecEntry(
                        executable: exec.executable, parent: exec.parent,
                        arguments: exec.arguments.isEmpty ? nil : exec.arguments))
            case .connect(let connect): connects.append(connect)
            case .listen(let listen):
                let any = listen.transport == .udp && listen.port == ephemeral.lowerBound
                spec.listen.append(
                    ListenEntry(
                        executable: listen.executable, ports: any ? ephemeral : listen.port...listen.port,
                        transport: listen.transport))
            case .open(let open): opens.append(open)
            }
        }
        spec.exec = ArgumentFanOut.entries(spec.exec)
        spec.listen = ephemeralJoined(spec.listen)
        spec.connect = AddressFanOut.entries(connects)
        spec.open = PathFanOut.entries(opens)
        return readable(spec).canonical
    }

    /// A program that listened on several ports out of the range that Linux hands out asked for any.
    private static func ephemeralJoined(_ entries: [ListenEntry]) -> [ListenEntry] {
        var anyPort: Set<ListenEntry> = []
        for (owner, members) in Dictionary(
            grouping: entries.filter { $0.ports.map { ephemeral.contains($0.lowerBound) } ?? false },
            by: { ListenEntry(executable: $0.executable, ports: ephemeral, transport: $0.transport) })
        where members.count > 2 {
            var owner = owner
            owner.breadth = Breadth(members.count)
            anyPort.insert(owner)
        }
        return entries.filter { entry in
            !anyPort.contains { owner in
                owner.executable == entry.executable && owner.transport == entry.transport
                    && entry.ports.map { ephemeral.contains($0.lowerBound) } ?? false
            }
        } + anyPort
    }

    /// Only what a file may hold: a path that is none of the known sorts would make the whole file be refused.
    private static func readable(_ spec: BaselineSpec) -> BaselineSpec {
        func good(_ path: String) -> Bool { Glob.faultInPath(path) == nil }
        return BaselineSpec(
            exec: spec.exec.filter { good($0.executable) && good($0.parent ?? "") },
            connect: spec.connect.filter {
                guard good($0.executable) else { return false }
                return switch $0.peer {
                case .path(let path): good(path) && !path.isEmpty
                case .domain(let domain): Glob.faultInDomain(domain) == nil
                case .block, .scope, .unseen: true
                }
            },
            listen: spec.listen.filter { good($0.executable) },
            open: spec.open.filter { good($0.executable) && good($0.path) && !$0.path.isEmpty && !$0.access.isEmpty })
    }

    /// Programs of which the words say what they do: shells, interpreters, loaders, and all of busybox's applets.
    package static func keepsArguments(_ executable: String) -> Bool {
        var name = executable.utf8.split(separator: Glob.slash).last.map { String(Substring($0)) } ?? ""
        if interpreters.contains(name) || DynamicLoader.isNamed(by: name) { return true }
        // `python3.11`, `perl5.36.0`, `php8.2`, `ruby3.1`, `lua5.4`.
        while let last = name.utf8.last,
            (48...57).contains(last) || last == UInt8(ascii: ".") || last == UInt8(ascii: "-")
        {
            name.removeLast()
        }
        return interpreters.contains(name)
    }

    private static let interpreters: Set<String> = [
        "sh", "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "rbash", "tcsh", "toybox", "zsh", "awk",
        "bun", "deno", "expect", "gawk", "irb", "julia", "lua", "luajit", "mawk", "node", "nodejs", "osascript", "perl",
        "php", "php-cgi", "pwsh", "pypy", "python", "ruby", "tclsh", "wish",
    ]
}
