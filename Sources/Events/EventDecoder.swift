import CEvents

/// What one record says.
package enum Record: Sendable, Equatable {
    case behaviour(Event)
    case cgroup(CgroupChange)
    /// `status` as wait(2) gives it.
    case exit(ProcessName, cgroup: UInt64, status: UInt32, time: UInt64)
    case answer(Answer)
}

/// A record that is not of the wire format; it is counted, never guessed at.
package enum DecodeError: Error, Equatable {
    /// Fewer bytes than the record, its kind or one of its sections needs.
    case short
    case unknownKind(UInt16)
}

/// Turns records of `bpf/event.h` into values.
///
/// Executables and working directories come again and again, so equal bytes share one string.
package struct EventDecoder {
    private var paths = PathCache()

    package init() {}

    /// Decodes one record. The span may be longer than the record, as rings pad.
    package mutating func decode(_ bytes: RawSpan) throws(DecodeError) -> Record {
        let head = try load(bytes, at: 0, as: record.self)
        let length = Int(head.length)
        guard length <= bytes.byteCount else { throw .short }
        let bytes = bytes.extracting(first: length)
        switch record_kind(rawValue: head.kind) {
        case RECORD_EXEC: return .behaviour(try exec(bytes))
        case RECORD_CONNECT: return .behaviour(try connect(bytes))
        case RECORD_LISTEN: return .behaviour(try listen(bytes))
        case RECORD_OPEN: return .behaviour(try open(bytes))
        case RECORD_CGROUP_MADE: return .cgroup(try cgroup(bytes, .made))
        case RECORD_CGROUP_REMOVED: return .cgroup(try cgroup(bytes, .removed))
        case RECORD_CGROUP_RENAMED: return .cgroup(try cgroup(bytes, .renamed))
        case RECORD_EXIT:
            let exit = try load(bytes, at: 0, as: exit_record.self)
            return .exit(ProcessName(exit.process), cgroup: exit.cgroup, status: exit.status, time: head.time)
        case RECORD_ANSWER: return .answer(try answer(bytes))
        default: throw .unknownKind(head.kind)
        }
    }

    /// The kind of behaviour that a record claims to be, also where it cannot be decoded; nil where it is of no such kind.
    package static func kind(of bytes: RawSpan) -> Kind? {
        (try? load(bytes, at: 0, as: record.self)).flatMap { Kind(wireNumber: $0.kind) }
    }

    /// Whether the ledger counts it: all but news of cgroups, ends of processes and resolvers, also what has no kind that
    /// is known.
    package static func isAct(_ bytes: RawSpan) -> Bool {
        guard let head = try? load(bytes, at: 0, as: record.self) else { return true }
        return !(RECORD_CGROUP_MADE.rawValue...RECORD_ANSWER.rawValue).contains(head.kind)
    }

    /// The cgroup of the one who acted, as far as a record of a behaviour reaches; also where it cannot be decoded.
    package static func cgroup(of bytes: RawSpan) -> UInt64? {
        guard kind(of: bytes) != nil, MemoryLayout<record>.size + MemoryLayout<actor>.size <= bytes.byteCount else {
            return nil
        }
        return (try? load(bytes, at: MemoryLayout<record>.size, as: actor.self))?.cgroup
    }

    // MARK: Kinds

    private mutating func exec(_ bytes: RawSpan) throws(DecodeError) -> Event {
        let fixed = try load(bytes, at: 0, as: exec_record.self)
        let sections = try Sections(bytes, after: MemoryLayout<exec_record>.size, paths: &paths)
        let flags = Exec.Flags(rawValue: fixed.flags)
        var exec = Exec(
            filename: sections.filename, interpreter: flags.contains(.script) ? sections.interpreter : nil,
            arguments: sections.arguments, argumentCount: Int(fixed.argument_count), flags: flags, inode: fixed.inode,
            device: Device(fixed.device), changed: fixed.changed &* 1_000_000_000 &+ Int64(fixed.changed_nanoseconds),
            lineage: sections.lineage)
        if !flags.isDisjoint(with: [.stdinSocket, .stdoutSocket]) {
            exec.peer = SocketAddress(ip: IPAddress(fixed.peer), port: fixed.peer_port)
        }
        var truncated = sections.truncated
        if exec.arguments.count < exec.argumentCount, !truncated.contains("process.args") {
            truncated.append("process.args")
        }
        return event(fixed.record, fixed.key, fixed.actor, sections, .exec(exec), truncated)
    }

    private mutating func connect(_ bytes: RawSpan) throws(DecodeError) -> Event {
        let fixed = try load(bytes, at: 0, as: connect_record.self)
        let sections = try Sections(bytes, after: MemoryLayout<connect_record>.size, paths: &paths)
        let transport = Transport(family: fixed.family, type: fixed.type, protocol: fixed.protocol)
        let peer: Connect.Peer =
            if transport != .unix {
                fixed.isWithoutPeer
                    ? .unseen : .ip(SocketAddress(ip: IPAddress(fixed.address), port: fixed.port))
            } else if let name = sections.unixName {
                name.first == "\0"
                    ? .abstract(name: String(name.dropFirst())) : .unix(path: String(name.prefix { $0 != "\0" }))
            } else {
                .unix(path: sections.file.text)
            }
        let act = Act.connect(Connect(peer: peer, transport: transport))
        return event(fixed.record, fixed.key, fixed.actor, sections.naming(file: "destination.address"), act)
    }

    private mutating func listen(_ bytes: RawSpan) throws(DecodeError) -> Event {
        let fixed = try load(bytes, at: 0, as: listen_record.self)
        let sections = try Sections(bytes, after: MemoryLayout<listen_record>.size, paths: &paths)
        let listen = Listen(
            address: SocketAddress(ip: IPAddress(fixed.address), port: fixed.port),
            transport: Transport(family: fixed.family, type: fixed.type, protocol: fixed.protocol))
        return event(fixed.record, fixed.key, fixed.actor, sections, .listen(listen))
    }

    private mutating func open(_ bytes: RawSpan) throws(DecodeError) -> Event {
        let fixed = try load(bytes, at: 0, as: open_record.self)
        let sections = try Sections(bytes, after: MemoryLayout<open_record>.size, paths: &paths)
        var path = sections.file
        if path.flags.contains(.detached), path.text == "/" || path.text.isEmpty {
            // Pipes and their like have no name of their own; the kernel shows them as here.
            path.text = "\(Self.detachedName(fixed.filesystem)):[\(fixed.inode)]"
        }
        // Access mode 3 gives a descriptor that neither reads nor writes (open(2)): it names the file, as O_PATH does.
        let access = Access(rawValue: fixed.access).intersection(.all)
        let open = Open(
            path: path, access: access.isEmpty ? .path : access, inode: fixed.inode,
            device: Device(fixed.device), mode: fixed.mode, mountNamespace: fixed.mount_namespace,
            isReceived: fixed.flags & OPEN_RECEIVED.rawValue != 0)
        return event(fixed.record, fixed.key, fixed.actor, sections, .open(open))
    }

    private mutating func cgroup(_ bytes: RawSpan, _ action: CgroupChange.Action) throws(DecodeError) -> CgroupChange {
        let fixed = try load(bytes, at: 0, as: cgroup_record.self)
        let sections = try Sections(bytes, after: MemoryLayout<cgroup_record>.size, paths: &paths)
        return CgroupChange(
            action: action, time: fixed.record.time, id: fixed.id, parent: fixed.parent_id, path: sections.cgroupPath,
            actor: Actor(fixed.actor, sections))
    }

    private mutating func answer(_ bytes: RawSpan) throws(DecodeError) -> Answer {
        let fixed = try load(bytes, at: 0, as: answer_record.self)
        let sections = try Sections(bytes, after: MemoryLayout<answer_record>.size, paths: &paths)
        return Answer(
            time: fixed.record.time, cgroup: fixed.cgroup, resolver: IPAddress(fixed.resolver),
            resolution: Resolution(message: sections.answer))
    }

    // MARK: Parts

    private func event(
        _ head: record, _ key: novelty_key, _ actor: actor, _ sections: Sections, _ act: Act,
        _ truncated: [String]? = nil
    ) -> Event {
        Event(
            time: head.time, key: BehaviourKey(high: key.high, low: key.low), actor: Actor(actor, sections), act: act,
            truncated: truncated ?? sections.truncated, lossyFields: sections.lossy)
    }

    /// Superblock magics of include/uapi/linux/magic.h.
    private static func detachedName(_ filesystem: UInt32) -> String {
        switch filesystem {
        case 0x5049_5045: "pipe"
        case 0x534f_434b: "socket"
        default: "anon_inode"
        }
    }
}

/// Loads a fixed part, wherever it lies, after checking that it is there.
func load<T: BitwiseCopyable>(_ bytes: RawSpan, at offset: Int, as type: T.Type) throws(DecodeError) -> T {
    guard offset >= 0, bytes.byteCount - offset >= MemoryLayout<T>.size else { throw .short }
    return bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: type)
}

extension ProcessName {
    init(_ name: process_name) { self.init(pid: name.pid, start: name.start) }
}

extension Actor {
    fileprivate init(_ wire: actor, _ sections: Sections) {
        self.init(
            process: ProcessName(wire.process), parent: ProcessName(wire.parent), cgroup: wire.cgroup,
            parentCgroup: wire.parent_cgroup, execCgroup: wire.exec_cgroup, exec: wire.exec,
            parentExec: wire.parent_exec, incident: wire.incident, uid: wire.uid, gid: wire.gid,
            mountNamespace: wire.mount_namespace, pidNamespace: wire.pid_namespace,
            parentMountNamespace: wire.parent_mount_namespace, parentPidNamespace: wire.parent_pid_namespace,
            flags: Flags(rawValue: wire.flags), executable: sections.executable,
            parentExecutable: sections.parentExecutable, workingDirectory: sections.workingDirectory)
    }
}

extension IPAddress {
    /// A C array of sixteen bytes, which Swift sees as a tuple.
    fileprivate init<Tuple: BitwiseCopyable>(_ tuple: Tuple) {
        self.init(bytes: unsafeBitCast(tuple, to: SIMD16<UInt8>.self))
    }
}

extension connect_record {
    /// Only of an internet address can there be one; IPv4 is written as `::ffff:a.b.c.d`, so never all zeros.
    fileprivate var isWithoutPeer: Bool {
        family != 10 && (family != 2 || unsafeBitCast(address, to: SIMD16<UInt8>.self) == .zero)
    }
}

extension Transport {
    /// From the numbers of socket(2).
    fileprivate init(family: UInt16, type: UInt16, protocol number: UInt16) {
        let unixFamily: UInt16 = 1
        let stream: UInt16 = 1
        let datagram: UInt16 = 2
        let raw: UInt16 = 3
        switch (family, number, type) {
        case (unixFamily, _, _): self = .unix
        case (17, _, _): self = .packet
        case (29, _, _): self = .can
        case (30, _, _): self = .tipc
        case (31, _, _): self = .bluetooth
        case (40, _, _): self = .vsock
        case (44, _, _): self = .xdp
        case (_, _, _) where family != 2 && family != 10: self = .family(family)
        case (_, _, raw): self = .raw
        case (_, 6, _), (_, 0, stream): self = .tcp
        case (_, 17, _), (_, 0, datagram): self = .udp
        case (_, 1, _), (_, 58, _): self = .icmp
        case (_, 33, _): self = .dccp
        case (_, 132, _): self = .sctp
        case (_, 136, _): self = .udplite
        default: self = .other(number)
        }
    }
}
