import Baselines
import Drift
import Events
import Workloads

/// The fields of one behaviour's line, read back into values; what it does not know it leaves alone.
struct RecordedLine {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private let line: JSONValue

    init(_ line: JSONValue) { self.line = line }

    func observation() throws(Failure) -> Observation {
        guard let kind = Kind(rawValue: try string("event", "action")) else {
            throw Failure(description: "event.action is none of exec, connect, listen, open")
        }
        guard let time = Timestamp.nanoseconds(try string("@timestamp")) else {
            throw Failure(description: "@timestamp is no time of RFC 3339")
        }
        var domain: String?
        let actor = try actor(time)
        let act: Act
        switch kind {
        case .exec: act = .exec(try exec())
        case .connect:
            domain = line.at("destination", "domain")?.string
            act = .connect(try connect())
        case .listen: act = .listen(Listen(address: try address("source"), transport: try transport()))
        case .open: act = .open(try open(actor))
        }
        let event = Event(
            time: actor.now, key: BehaviourKey(high: 0, low: 0), actor: actor.actor, act: act,
            truncated: line.at("driftwatch", "truncated")?.strings ?? [],
            lossyFields: line.at("driftwatch", "lossy_fields")?.strings ?? [])
        let origin = line.at("driftwatch", "exec", "origin")?.string.flatMap(Origin.init)
        let workload = try workload()
        var observation = Observation(
            event: event, domain: domain, workload: workload,
            origin: origin ?? (workload.isContainer ? .child : .host), time: time,
            words: CommandLines(
                arguments: kind == .exec ? [] : line.at("process", "args")?.strings ?? [],
                argumentCount: kind == .exec ? 0 : Int(line.at("process", "args_count")?.integer ?? 0),
                parentArguments: line.at("process", "parent", "args")?.strings ?? []))
        observation.family = family()
        observation.isSnapshot = line.at("driftwatch", "snapshot")?.bool ?? false
        observation.entities = Observation.Entities(
            process: line.at("process", "entity_id")?.string ?? "",
            parent: line.at("process", "parent", "entity_id")?.string ?? "")
        return observation
    }

    /// Nil where the line tells nothing of where its process comes from.
    private func family() -> Family? {
        var family = Family()
        if case .array(let ancestors)? = line.at("driftwatch", "ancestors") {
            family.ancestors = ancestors.map(relative)
        }
        family.entrant = line.at("driftwatch", "entered", "by").map(relative)
        family.leader = line.at("process", "entry_leader").map(relative)
        let login = line.at("driftwatch", "login")
        family.login = Lineage.Login(
            uid: login?.at("user", "id")?.string.flatMap { UInt32($0) },
            session: login?["session"]?.string.flatMap { UInt32($0) }, terminal: login?["terminal"]?.string)
        family.loginName = login?.at("user", "name")?.string
        return family == Family() ? nil : family
    }

    private func relative(_ value: JSONValue) -> Relative {
        let entity = value["entity_id"]?.string
        var relative = Relative(
            process: ProcessName(
                pid: value["pid"]?.integer.flatMap { UInt32(exactly: $0) } ?? 0, start: standIn(entity) ?? 0),
            executable: value["executable"]?.string ?? "", arguments: value["args"]?.strings ?? [])
        relative.entity = entity
        return relative
    }

    private func string(_ names: String...) throws(Failure) -> String {
        var value: JSONValue? = line
        for name in names { value = value?[name] }
        guard let text = value?.string else {
            throw Failure(description: "\(names.joined(separator: ".")) is missing or no string")
        }
        return text
    }

    private func number<Number: FixedWidthInteger>(
        _ type: Number.Type, _ names: String..., otherwise: Number? = nil
    ) throws(Failure) -> Number {
        var value: JSONValue? = line
        for name in names { value = value?[name] }
        if let integer = value?.integer, let number = Number(exactly: integer) { return number }
        // An inode may need all 64 bits.
        if let text = value?.string, let number = Number(text) { return number }
        if value == nil, let otherwise { return otherwise }
        throw Failure(description: "\(names.joined(separator: ".")) is missing or no number")
    }

    private func workload() throws(Failure) -> Workload {
        let name = try string("driftwatch", "workload", "kind")
        guard let kind = Workload.Kind(rawValue: name) else {
            throw Failure(description: "driftwatch.workload.kind is unknown: \(printable(name, limit: 40))")
        }
        var container: Container?
        if let id = line.at("container", "id")?.string {
            let image = line.at("container", "image", "name")?.string.map { name in
                Image(
                    name: name, tag: line.at("container", "image", "tag")?.string,
                    digests: line.at("container", "image", "hash", "all")?.strings ?? [])
            }
            container = Container(
                id: id, name: line.at("container", "name")?.string,
                runtime: line.at("container", "runtime")?.string ?? "",
                image: image)
        }
        let orchestrator = line.at("orchestrator", "type")?.string.map { type in
            Orchestrator(
                type: type, namespace: line.at("orchestrator", "namespace")?.string,
                resourceType: line.at("orchestrator", "resource", "type")?.string,
                resourceName: line.at("orchestrator", "resource", "name")?.string)
        }
        return Workload(
            id: try string("driftwatch", "workload", "id"), kind: kind,
            instance: line.at("driftwatch", "workload", "instance")?.string ?? "",
            digest: line.at("driftwatch", "workload", "digest")?.string ?? container?.image?.digests.first,
            container: container, orchestrator: orchestrator, serviceName: line.at("service", "name")?.string,
            confidence: line.at("driftwatch", "identity", "confidence")?.string.flatMap(Workload.Confidence.init)
                ?? .name)
    }

    /// The actor, and the act's time by the clock that the actor's start is told in.
    private func actor(_ time: Int64) throws(Failure) -> (actor: Actor, now: UInt64) {
        let pid = try number(UInt32.self, "process", "pid", otherwise: 0)
        let parent = try number(UInt32.self, "process", "parent", "pid", otherwise: 0)
        let began = line.at("process", "start")?.string.flatMap(Timestamp.nanoseconds)
        let own = began ?? 0
        let start = standIn(line.at("process", "entity_id")?.string) ?? UInt64(bitPattern: own)
        let now = began.map { UInt64(bitPattern: time &- $0) &+ start } ?? UInt64(bitPattern: time)
        let actor = Actor(
            process: ProcessName(pid: pid, start: start),
            parent: ProcessName(
                pid: parent, start: standIn(line.at("process", "parent", "entity_id")?.string) ?? 0),
            cgroup: 0, uid: try number(UInt32.self, "process", "user", "id", otherwise: 0),
            gid: try number(UInt32.self, "process", "group", "id", otherwise: 0),
            executable: ResolvedPath(try string("process", "executable")),
            parentExecutable: ResolvedPath(line.at("process", "parent", "executable")?.string ?? ""),
            workingDirectory: ResolvedPath(line.at("process", "working_directory")?.string ?? "/"))
        return (actor, now)
    }

    /// When it started is hashed into the name of a process, which tells it from others as well.
    private func standIn(_ entity: String?) -> UInt64? { entity.flatMap { UInt64($0.prefix(16), radix: 16) } }

    private func exec() throws(Failure) -> Exec {
        var flags: Exec.Flags = []
        let names: [(String, Exec.Flags)] = [
            ("deleted", .deleted), ("fileless", .fileless), ("stdio_socket", [.stdinSocket, .stdoutSocket]),
            ("upper_layer", .upperLayer),
        ]
        for (name, flag) in names where line.at("driftwatch", "exec", name)?.bool == true { flags.insert(flag) }
        let interpreter = line.at("driftwatch", "exec", "interpreter")?.string
        if interpreter != nil { flags.insert(.script) }
        guard let arguments = line.at("process", "args")?.strings else {
            throw Failure(description: "process.args is missing or no list of strings")
        }
        return Exec(
            filename: line.at("driftwatch", "exec", "filename")?.string ?? "", interpreter: interpreter,
            arguments: arguments,
            argumentCount: try number(Int.self, "process", "args_count", otherwise: arguments.count), flags: flags,
            peer: line["destination"] == nil ? nil : try address("destination"))
    }

    private func connect() throws(Failure) -> Connect {
        let transport = try transport()
        if line.at("destination", "ip") != nil {
            return Connect(peer: .ip(try address("destination")), transport: transport)
        }
        if line["destination"] == nil, !transport.showsPeers { return Connect(peer: .unseen, transport: transport) }
        let name = try string("destination", "address")
        return Connect(
            peer: name.hasPrefix("@") ? .abstract(name: String(name.dropFirst())) : .unix(path: name),
            transport: transport)
    }

    private func open(_ actor: (actor: Actor, now: UInt64)) throws(Failure) -> Open {
        guard let names = line.at("driftwatch", "file", "access")?.strings, let access = Access(names: names) else {
            throw Failure(description: "driftwatch.file.access is missing or names an unknown access")
        }
        var flags: ResolvedPath.Flags = []
        switch line.at("driftwatch", "file", "outside")?.string {
        case nil: break
        case "mount": flags.insert(.outsideMount)
        // The namespaces' numbers are not told; what they mean together is.
        default: flags.insert(.outsideRoot)
        }
        return Open(
            path: ResolvedPath(try string("file", "path"), flags: flags), access: access,
            inode: try number(UInt64.self, "file", "inode", otherwise: 0), device: device(),
            mode: ["file": 0o100000, "dir": 0o040000][line.at("file", "type")?.string ?? ""] ?? 0,
            isReceived: line.at("driftwatch", "file", "received")?.bool ?? false)
    }

    private func device() -> Device {
        let parts = (line.at("file", "device")?.string ?? "").split(separator: ":").map { UInt32($0) }
        guard parts.count == 2, let major = parts[0], let minor = parts[1], major < 4096, minor < 1 << 20 else {
            return Device(0)
        }
        return Device(major << 20 | minor)
    }

    private func address(_ side: String) throws(Failure) -> SocketAddress {
        guard let ip = IPAddress(try string(side, "ip")) else { throw Failure(description: "\(side).ip is no address") }
        return SocketAddress(ip: ip, port: try number(UInt16.self, side, "port"))
    }

    private func transport() throws(Failure) -> Transport {
        guard let transport = Transport(try string("network", "transport")) else {
            throw Failure(description: "network.transport is unknown")
        }
        return transport
    }
}
