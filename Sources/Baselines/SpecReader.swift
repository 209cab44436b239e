import Events

/// Reads the lists of a spec.
enum SpecReader {
    static func spec(_ value: YAMLValue) throws(FileRefusal) -> (
        spec: BaselineSpec, lines: BaselineFile.Document.Lines
    ) {
        var spec = BaselineSpec()
        var lines = BaselineFile.Document.Lines()
        if value.isNull { return (spec, lines) }
        let lists = try value.mapping("spec", keys: ["exec", "connect", "listen", "open"])
        for item in try entries(lists["exec"], "spec.exec") {
            spec.exec.append(try exec(item))
            lines.exec.append(item.node.line)
        }
        for item in try entries(lists["connect"], "spec.connect") {
            spec.connect.append(try connect(item))
            lines.connect.append(item.node.line)
        }
        for item in try entries(lists["listen"], "spec.listen") {
            spec.listen.append(try listen(item))
            lines.listen.append(item.node.line)
        }
        for item in try entries(lists["open"], "spec.open") {
            spec.open.append(try open(item))
            lines.open.append(item.node.line)
        }
        return (spec, lines)
    }

    private static func entries(_ value: YAMLValue?, _ what: String) throws(FileRefusal) -> [YAMLValue] {
        guard let value, !value.isNull else { return [] }
        return try value.sequence(what)
    }

    private static func exec(_ value: YAMLValue) throws(FileRefusal) -> ExecEntry {
        let fields = try value.mapping("an entry of exec", keys: ["exe", "parent", "args", "breadth"])
        var arguments: [String]?
        if let args = fields["args"] {
            var words: [String] = []
            for word in try args.sequence("args") {
                let text = try word.text("a word of args", numbersToo: true)
                if let fault = Glob.faultInWord(text) {
                    throw word.refusal("bad glob \(shown(text)) in args: \(fault)")
                }
                words.append(text)
            }
            arguments = words
        }
        return ExecEntry(
            executable: try executable(fields, value), parent: try path(fields["parent"], "parent"),
            arguments: arguments, breadth: try breadth(fields))
    }

    private static func connect(_ value: YAMLValue) throws(FileRefusal) -> ConnectEntry {
        let fields = try value.mapping(
            "an entry of connect",
            keys: ["exe", "domain", "cidr", "class", "path", "port", "transport", "breadth"])
        let transport = try transport(fields)
        let places = ["domain", "cidr", "class", "path"].count { fields[$0] != nil }
        if places == 0, let transport, !transport.showsPeers {
            guard fields["port"] == nil else { throw fields["port"]!.refusal("a \(transport) socket has no port") }
            return ConnectEntry(executable: try executable(fields, value), peer: .unseen, transport: transport)
        }
        guard places == 1 else {
            throw value.refusal(
                "an entry of connect needs exactly one of domain, cidr, class and path; only transports such as raw "
                    + "and packet stand alone")
        }
        let peer: ConnectEntry.Peer
        if let domain = fields["domain"] {
            let text = Glob.canonicalDomain(try domain.text("domain"))
            if let fault = Glob.faultInDomain(text) { throw domain.refusal("bad domain \(shown(text)): \(fault)") }
            peer = .domain(text)
        } else if let cidr = fields["cidr"] {
            let text = try cidr.text("cidr")
            guard let block = AddressBlock(text) else {
                throw cidr.refusal("cidr must be an address or a block as in 10.2.0.0/16, not \(shown(text))")
            }
            peer = .block(block.masked)
        } else if let sort = fields["class"] {
            let text = try sort.text("class")
            guard let scope = ConnectEntry.classes.first(where: { $0.rawValue == text }) else {
                throw sort.refusal("class must be loopback, link-local, private or public, not \(shown(text))")
            }
            peer = .scope(scope)
        } else {
            let path = fields["path"]!
            guard let text = try self.path(path, "path"), !text.isEmpty else {
                throw path.refusal("path may not be empty")
            }
            guard fields["port"] == nil else { throw fields["port"]!.refusal("a path has no port") }
            peer = .path(text)
        }
        return ConnectEntry(
            executable: try executable(fields, value), peer: peer, ports: try ports(fields), transport: transport,
            breadth: try breadth(fields))
    }

    private static func listen(_ value: YAMLValue) throws(FileRefusal) -> ListenEntry {
        let fields = try value.mapping("an entry of listen", keys: ["exe", "port", "transport", "breadth"])
        return ListenEntry(
            executable: try executable(fields, value), ports: try ports(fields), transport: try transport(fields),
            breadth: try breadth(fields))
    }

    private static func open(_ value: YAMLValue) throws(FileRefusal) -> OpenEntry {
        let fields = try value.mapping("an entry of open", keys: ["exe", "path", "access", "breadth"])
        guard let path = try path(fields["path"], "path"), !path.isEmpty else {
            throw (fields["path"] ?? value).refusal("an entry of open needs a path")
        }
        guard let list = fields["access"] else { throw value.refusal("an entry of open needs access, as in [read]") }
        var access: Access = []
        for item in try list.sequence("access") {
            let name = try item.text("access")
            guard let one = Access(names: [name]) else {
                throw item.refusal(
                    "access must be out of append, create, path, read, truncate and write, not \(shown(name))")
            }
            access.formUnion(one)
        }
        guard !access.isEmpty else { throw list.refusal("access may not be empty") }
        return OpenEntry(
            executable: try executable(fields, value), path: path, access: access, breadth: try breadth(fields))
    }

    private static func executable(
        _ fields: YAMLValue.Fields, _ entry: YAMLValue
    ) throws(FileRefusal) -> String {
        guard let exe = try path(fields["exe"], "exe") else { throw entry.refusal("exe is missing") }
        return exe
    }

    private static func path(_ value: YAMLValue?, _ what: String) throws(FileRefusal) -> String? {
        guard let value else { return nil }
        let text = try value.text(what)
        if let fault = Glob.faultInPath(text) { throw value.refusal("bad glob \(shown(text)) in \(what): \(fault)") }
        return text
    }

    private static func ports(_ fields: YAMLValue.Fields) throws(FileRefusal) -> ClosedRange<UInt16>? {
        try fields["port"]?.ports("port")
    }

    private static func breadth(_ fields: YAMLValue.Fields) throws(FileRefusal) -> Breadth {
        Breadth(try fields["breadth"]?.integer("breadth", in: 1...Int(Int32.max)) ?? 0)
    }

    private static func transport(_ fields: YAMLValue.Fields) throws(FileRefusal) -> Transport? {
        guard let value = fields["transport"] else { return nil }
        let text = try value.text("transport")
        guard let transport = Transport(text) else {
            throw value.refusal(
                "transport must be tcp, udp, unix, icmp, sctp, udplite, dccp, raw, packet, vsock, xdp, can, tipc, "
                    + "bluetooth, ip-NUMBER or af-NUMBER, not \(shown(text))")
        }
        return transport
    }
}
