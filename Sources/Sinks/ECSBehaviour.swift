import Drift
import Events
import Evidence
import Workloads

/// The fields that tell who did what.
extension JSONWriter {
    mutating func ecs() {
        object("ecs") { $0.field("version", static: ECSFormat.version) }
    }

    mutating func host(_ name: String, kernel: String?) {
        object("host") { json in
            json.field("name", name)
            if let kernel { json.object("os") { $0.field("kernel", kernel) } }
        }
    }

    mutating func workload(_ workload: Workload, _ dossier: Dossier) {
        object("workload") { json in
            json.field("digest", workload.digest)
            json.field("id", workload.id)
            json.field("instance", workload.instance)
            json.field("kind", workload.kind.rawValue)
            let identities = dossier.identities
            if let first = identities.first { json.field("spiffe_id", first.id.description) }
            if identities.count > 1 { json.field("spiffe_ids", identities.map(\.id.description)) }
            if let first = identities.first { json.field("spiffe_source", first.source.rawValue) }
            if let svid = dossier.svid { json.svid(svid) }
        }
    }

    private mutating func svid(_ svid: SVID) {
        object("svid") { json in
            json.time("expires", svid.expires)
            json.field("id", svid.id.description)
            json.field("path", svid.path)
            json.field("verified", svid.isVerified)
        }
    }

    /// Of a process that registration entries give another identity than its workload.
    mutating func processIdentity(_ ids: [SPIFFEID]) {
        object("process") { json in
            json.field("spiffe_id", orNull: ids.first?.description)
            if ids.count > 1 { json.field("spiffe_ids", ids.map(\.description)) }
        }
    }

    mutating func identity(_ workload: Workload, asksForOne: Bool = false) {
        object("identity") { json in
            if asksForOne { json.field("asked", true) }
            json.field("confidence", workload.confidence.rawValue)
            if let time = workload.pod?.staleSince {
                json.field("stale", true)
                json.time("stale_since", time)
            }
        }
    }

    mutating func pod(_ pod: Pod) {
        object("kubernetes") { json in
            json.field("node", pod.node)
            json.object("pod") { json in
                json.field("name", pod.name)
                json.field("uid", pod.uid)
            }
            json.field("service_account", pod.serviceAccount)
        }
    }

    mutating func container(_ container: Container) {
        object("container") { json in
            json.field("id", container.id)
            if let image = container.image {
                json.object("image") { json in
                    if !image.digests.isEmpty { json.object("hash") { $0.field("all", image.digests) } }
                    json.field("name", image.name)
                    json.field("tag", image.tag)
                }
            }
            json.field("name", container.name)
            json.field("runtime", container.runtime)
        }
    }

    mutating func orchestrator(_ orchestrator: Orchestrator) {
        object("orchestrator") { json in
            json.field("namespace", orchestrator.namespace)
            if orchestrator.resourceName != nil || orchestrator.resourceType != nil {
                json.object("resource") { json in
                    json.field("name", orchestrator.resourceName)
                    json.field("type", orchestrator.resourceType)
                }
            }
            json.field("type", orchestrator.type)
        }
    }

    mutating func process(_ observation: Observation, _ entities: EntityIDs) {
        let event = observation.event
        let actor = event.actor
        let arguments = observation.arguments
        let names = observation.entities
        object("process") { json in
            json.field("args", arguments.words, lossy: event.isLossy("process.args"))
            json.field("args_count", arguments.count)
            json.field("entity_id", names?.process ?? entities.id(actor.process))
            if let family = observation.family { json.entryLeader(family, entities) }
            json.field("executable", actor.executable.text, lossy: event.isLossy("process.executable"))
            json.object("group") { $0.keyword("id", actor.gid) }
            json.object("parent") { json in
                json.field(
                    "args", observation.words.parentArguments, lossy: event.isLossy("process.parent.args"))
                json.field("entity_id", names?.parent ?? entities.id(actor.parent))
                json.field(
                    "executable", actor.parentExecutable.text, lossy: event.isLossy("process.parent.executable"))
                json.field("pid", actor.parent.pid)
            }
            json.field("pid", actor.process.pid)
            if actor.process.start != 0 {
                // Both clocks were read at the act.
                json.time("start", observation.time &- Int64(bitPattern: event.time &- actor.process.start))
            }
            json.object("user") { $0.keyword("id", actor.uid) }
            json.field(
                "working_directory", actor.workingDirectory.text, lossy: event.isLossy("process.working_directory"))
        }
    }

    mutating func file(_ observation: Observation) {
        guard case .open(let open) = observation.event.act else { return }
        object("file") { json in
            json.field("device", open.device.description)
            json.keyword("inode", open.inode)
            json.field("path", open.path.text, lossy: observation.event.isLossy("file.path"))
            switch open.mode & 0o170000 {
            case 0o100000: json.field("type", static: "file")
            case 0o040000: json.field("type", static: "dir")
            default: break
            }
        }
    }

    mutating func access(_ observation: Observation) {
        guard case .open(let open) = observation.event.act else { return }
        object("file") { json in
            json.field("access", open.access.names)
            if let outside = Outside(open, observation.event.actor) { json.field("outside", outside.rawValue) }
            if open.isReceived { json.field("received", true) }
        }
    }

    mutating func exec(_ observation: Observation) {
        guard case .exec(let exec) = observation.event.act else { return }
        let event = observation.event
        object("exec") { json in
            json.field("deleted", exec.flags.contains(.deleted))
            json.field("fileless", exec.flags.contains(.fileless))
            json.field("filename", exec.filename, lossy: event.isLossy("driftwatch.exec.filename"))
            if let interpreter = exec.interpreter {
                json.field("interpreter", interpreter, lossy: event.isLossy("driftwatch.exec.interpreter"))
            }
            json.field("origin", observation.origin.rawValue)
            if DynamicLoader.isNamed(by: event.actor.executable.text),
                let program = DynamicLoader.target(in: exec.arguments)
            {
                json.field("program", exec.arguments[program], lossy: event.isLossy("process.args"))
            }
            json.field("stdio_socket", exec.flags.isSuperset(of: [.stdinSocket, .stdoutSocket]))
            json.field("upper_layer", exec.flags.contains(.upperLayer))
        }
    }

    mutating func destination(_ observation: Observation) {
        let event = observation.event
        switch event.act {
        case .exec(let exec):
            if let peer = exec.peer { object("destination") { $0.endpoint(peer, domain: nil) } }
        case .connect(let connect):
            if connect.peer == .unseen { return }
            object("destination") { json in
                switch connect.peer {
                case .ip(let address):
                    var domain: String?
                    if case .connect(let behaviour) = observation.behaviour, case .ip(_, let name) = behaviour.peer {
                        domain = name
                    }
                    json.endpoint(address, domain: domain)
                case .unix(let path): json.field("address", path, lossy: event.isLossy("destination.address"))
                case .abstract(let name):
                    json.field("address", "@" + name, lossy: event.isLossy("destination.address"))
                case .unseen: break
                }
            }
        case .listen, .open: return
        }
    }

    private mutating func endpoint(_ address: SocketAddress, domain: String?) {
        let ip = address.ip.description
        field("address", ip)
        field("domain", domain)
        field("ip", ip)
        field("port", address.port)
    }

    mutating func source(_ observation: Observation) {
        guard case .listen(let listen) = observation.event.act else { return }
        object("source") { json in
            json.field("ip", listen.address.ip.description)
            json.field("port", listen.address.port)
        }
    }

    mutating func network(_ observation: Observation) {
        switch observation.event.act {
        case .connect(let connect):
            object("network") { json in
                json.field("transport", connect.transport.description)
                switch connect.peer {
                case .ip(let address): json.field("type", address.ip.family)
                case .unix, .abstract: json.field("type", static: "unix")
                case .unseen: break
                }
            }
        case .listen(let listen):
            object("network") { json in
                json.field("transport", listen.transport.description)
                json.field("type", listen.address.ip.family)
            }
        case .exec, .open: return
        }
    }

    /// Of ECS's allowed values, in alphabetical order.
    mutating func categories(_ kind: Kind, alert: Bool) {
        beginArray()
        switch kind {
        case .open: string("file")
        case .exec, .connect, .listen: break
        }
        if alert { string("intrusion_detection") }
        switch kind {
        case .exec: string("process")
        case .connect, .listen: string("network")
        case .open: break
        }
        endArray()
    }

    /// Of the values that ECS allows with those categories, in alphabetical order; `info` is intrusion detection's.
    mutating func types(_ kind: Kind, _ act: Act?, alert: Bool) {
        beginArray()
        var start = false
        switch act {
        case .open(let open):
            let changes = !open.access.isDisjoint(with: [.write, .append, .truncate])
            let creates = open.access.contains(.create)
            if !open.access.isDisjoint(with: [.read, .path]) || !(changes || creates) { string("access") }
            if changes { string("change") }
            if creates { string("creation") }
        case .connect:
            string("connection")
            start = true
        case .exec, .listen: start = true
        case nil: break
        }
        if alert { string("info") }
        if start { string("start") }
        endArray()
    }
}

extension Observation {
    /// It connects to a SPIFFE Workload API: the moment when a cryptographic identity is asked for.
    var asksForIdentity: Bool {
        guard case .connect(let connect) = event.act, case .unix(let path) = connect.peer else { return false }
        return Credential.at(path)?.isIdentity == true
    }
}

extension Event {
    func isLossy(_ field: String) -> Bool { !lossyFields.isEmpty && lossyFields.contains(field) }
}

/// In which way a file lies outside what the process should reach.
enum Outside: String {
    case root, mount, namespace

    init?(_ open: Open, _ actor: Actor) {
        if open.path.flags.contains(.detached) { return nil }
        if open.path.flags.contains(.outsideRoot) {
            self = .root
        } else if open.path.flags.contains(.outsideMount) {
            self = .mount
        } else if open.mountNamespace != 0, actor.mountNamespace != 0, open.mountNamespace != actor.mountNamespace {
            self = .namespace
        } else {
            return nil
        }
    }
}
