import CEvents
import Testing

@testable import Events

private func decode(_ bytes: [UInt8]) throws -> Record {
    var decoder = EventDecoder()
    return try decoder.decode(bytes.span.bytes)
}

private func decodedEvent(_ bytes: [UInt8]) throws -> Event {
    guard case .behaviour(let event) = try decode(bytes) else { throw DecodeError.short }
    return event
}

private func openRecord(access: UInt32 = 8, path: [UInt8], flags: section_flag? = nil) -> RecordBytes {
    var fixed = open_record()
    fixed.record = .head(RECORD_OPEN)
    fixed.actor = .sample
    fixed.key = novelty_key(high: 1, low: 2)
    fixed.inode = 99
    fixed.device = 8 << 20 | 1
    fixed.access = access
    fixed.filesystem = 0x5049_5045
    var bytes = RecordBytes(fixed)
    bytes.add(FIELD_EXECUTABLE, "nginx\0sbin\0usr\0")
    bytes.add(FIELD_FILE, path, flags: flags)
    return bytes
}

private func execRecord(flags: UInt32 = 0, count: UInt32 = 2, arguments: String = "ls\0-l\0") -> RecordBytes {
    var fixed = exec_record()
    fixed.record = .head(RECORD_EXEC)
    fixed.actor = .sample
    fixed.flags = flags
    fixed.argument_count = count
    fixed.changed = 10
    fixed.changed_nanoseconds = 7
    fixed.peer_port = 4444
    fixed.peer.10 = 0xff
    fixed.peer.11 = 0xff
    fixed.peer.12 = 127
    fixed.peer.15 = 1
    var bytes = RecordBytes(fixed)
    bytes.add(FIELD_EXECUTABLE, "ls\0bin\0")
    bytes.add(FIELD_PARENT_EXECUTABLE, "dash\0bin\0")
    bytes.add(FIELD_WORKING_DIRECTORY, "")
    bytes.add(FIELD_FILENAME, "./ls")
    bytes.add(FIELD_INTERPRETER, "/bin/ls")
    bytes.add(FIELD_ARGUMENTS, arguments)
    return bytes
}

@Suite struct EventDecoderTests {
    @Test func decodesExec() throws {
        let event = try decodedEvent(execRecord().bytes)
        guard case .exec(let exec) = event.act else { throw DecodeError.short }
        #expect(event.actor.executable.text == "/bin/ls")
        #expect(event.actor.parentExecutable.text == "/bin/dash")
        #expect(event.actor.workingDirectory.text == "/")
        #expect(event.actor.process == ProcessName(pid: 4242, start: 5_000_000_000))
        #expect(event.actor.flags == .moved)
        #expect(exec.filename == "./ls")
        #expect(exec.interpreter == nil, "only a script has one")
        #expect(exec.arguments == ["ls", "-l"])
        #expect(exec.changed == 10_000_000_007)
        #expect(exec.peer == nil)
        #expect(event.truncated.isEmpty && event.lossyFields.isEmpty)
    }

    @Test func decodesWhereAnExecComesFrom() throws {
        var bytes = execRecord()
        let above = [
            ancestor(process: process_name(start: 30, pid: 3, padding: 0), exec: 7, cgroup: 70),
            ancestor(process: process_name(start: 10, pid: 1, padding: 0), exec: 0, cgroup: 1),
        ]
        // A third one that is not whole.
        bytes.add(FIELD_ANCESTORS, above.withUnsafeBytes { Array($0) } + [1, 2, 3])
        let person = login(uid: 1000, session: .max)
        bytes.add(FIELD_LOGIN, withUnsafeBytes(of: person) { Array($0) })
        bytes.add(FIELD_TERMINAL, "pts3")
        guard case .exec(let exec) = try decodedEvent(bytes.bytes).act else { throw DecodeError.short }
        #expect(
            exec.lineage.ancestors == [
                .init(process: ProcessName(pid: 3, start: 30), exec: 7, cgroup: 70),
                .init(process: ProcessName(pid: 1, start: 10), exec: 0, cgroup: 1),
            ])
        #expect(exec.lineage.login == Lineage.Login(uid: 1000, session: nil, terminal: "pts/3"))
    }

    @Test func decodesFlagsOfExec() throws {
        let event = try decodedEvent(execRecord(flags: 0b111000).bytes)
        guard case .exec(let exec) = event.act else { throw DecodeError.short }
        #expect(exec.flags == [.stdinSocket, .stdoutSocket, .script])
        #expect(exec.interpreter == "/bin/ls")
        #expect(exec.peer == SocketAddress(ip: IPAddress(v4: 127, 0, 0, 1), port: 4444))
    }

    @Test(arguments: [
        ("an empty word is a word", "sh\0\0x\0", ["sh", "", "x"]),
        ("a last word without its end counts", "sh\0-c", ["sh", "-c"]),
        ("no words", "", []),
    ])
    func splitsArguments(name: String, bytes: String, words: [String]) throws {
        let event = try decodedEvent(execRecord(count: UInt32(words.count), arguments: bytes).bytes)
        guard case .exec(let exec) = event.act else { throw DecodeError.short }
        #expect(exec.arguments == words, "\(name)")
        #expect(event.truncated.isEmpty)
    }

    @Test func saysThatArgumentsWereCut() throws {
        let event = try decodedEvent(execRecord(count: 90).bytes)
        #expect(event.truncated == ["process.args"])
    }

    @Test(
        arguments: [
            ("plain", Array("passwd\0etc\0".utf8), nil, "/etc/passwd", []),
            ("root", [], nil, "/", []),
            ("memfd", Array("memfd:x\0".utf8), SECTION_DETACHED, "memfd:x", []),
            ("mounted nowhere", Array("crun\0bin\0".utf8), SECTION_DETACHED, "/bin/crun", []),
            ("pipe", [], SECTION_DETACHED, "pipe:[99]", []),
            ("not UTF-8", [0xff, 0x41, 0, 0x62, 0], nil, "/b/\u{ff}A", ["file.path"]),
            ("half UTF-8", [0xc3, 0xa9, 0xc3, 0], nil, "/é\u{c3}", ["file.path"]),
        ] as [(String, [UInt8], section_flag?, String, [String])])
    func decodesPaths(name: String, bytes: [UInt8], flags: section_flag?, text: String, lossy: [String]) throws {
        let event = try decodedEvent(openRecord(path: bytes, flags: flags).bytes)
        guard case .open(let open) = event.act else { throw DecodeError.short }
        #expect(open.path.text == text, "\(name)")
        #expect(event.lossyFields == lossy, "\(name)")
        #expect(open.access == .read)
        #expect(open.device.description == "8:1")
    }

    /// A record that cannot be decoded is put down to the workload and the kind that it claims, as far as it reaches.
    @Test(
        arguments: [
            ("whole", 0, 144, .open, 77, true), ("cut in the kind's part", 0, 150, .open, 77, true),
            ("cut in the actor", 0, 100, .open, nil, true), ("cut in the head", 0, 20, nil, nil, true),
            ("of no kind", 99, 144, nil, nil, true),
            ("news of a cgroup", RECORD_CGROUP_MADE.rawValue, 144, nil, nil, false),
            ("news of an end", RECORD_EXIT.rawValue, 40, nil, nil, false),
        ] as [(String, UInt16, Int, Kind?, UInt64?, Bool)])
    func saysWhoseAnUnreadableRecordIs(
        name: String, number: UInt16, length: Int, kind: Kind?, cgroup: UInt64?, isAct: Bool
    ) {
        var bytes = openRecord(path: Array("x\0".utf8), flags: nil).bytes
        if number != 0 { withUnsafeBytes(of: number) { bytes.replaceSubrange(0..<2, with: $0) } }
        let cut = Array(bytes.prefix(length))
        #expect(EventDecoder.kind(of: cut.span.bytes) == kind, "\(name)")
        #expect(EventDecoder.cgroup(of: cut.span.bytes) == cgroup, "\(name)")
        #expect(EventDecoder.isAct(cut.span.bytes) == isAct, "\(name)")
    }

    @Test func namesTruncatedPaths() throws {
        let event = try decodedEvent(openRecord(path: Array("x\0".utf8), flags: SECTION_TRUNCATED).bytes)
        #expect(event.truncated == ["file.path"])
    }

    @Test func decodesUnixPeers() throws {
        var fixed = connect_record()
        fixed.record = .head(RECORD_CONNECT)
        fixed.actor = .sample
        fixed.family = 1
        fixed.type = 1
        var named = RecordBytes(fixed)
        named.add(FIELD_FILE, "docker.sock\0run\0", flags: SECTION_TRUNCATED)
        let event = try decodedEvent(named.bytes)
        #expect(event.act == .connect(Connect(peer: .unix(path: "/run/docker.sock"), transport: .unix)))
        #expect(event.truncated == ["destination.address"])
        var abstract = RecordBytes(fixed)
        abstract.add(FIELD_UNIX_NAME, "\0bus")
        #expect(
            try decodedEvent(abstract.bytes).act == .connect(Connect(peer: .abstract(name: "bus"), transport: .unix)))
        // Its owner has closed it since.
        var closed = RecordBytes(fixed)
        closed.add(FIELD_UNIX_NAME, "/run/log\0")
        #expect(
            try decodedEvent(closed.bytes).act == .connect(Connect(peer: .unix(path: "/run/log"), transport: .unix)))
    }

    @Test(
        arguments: [
            ("raw", 2, 3, 0, .raw), ("sctp", 2, 1, 132, .sctp), ("ping", 2, 2, 1, .icmp), ("packet", 17, 3, 0, .packet),
            ("vsock", 40, 1, 0, .vsock), ("xdp", 44, 3, 0, .xdp), ("another family", 27, 1, 0, .family(27)),
        ] as [(String, UInt16, UInt16, UInt16, Transport)])
    func decodesSocketsWithoutPeers(name: String, family: UInt16, type: UInt16, number: UInt16, transport: Transport)
        throws
    {
        var fixed = connect_record()
        fixed.record = .head(RECORD_CONNECT)
        fixed.actor = .sample
        (fixed.family, fixed.type, fixed.`protocol`) = (family, type, number)
        let event = try decodedEvent(RecordBytes(fixed).bytes)
        #expect(event.act == .connect(Connect(peer: .unseen, transport: transport)), "\(name)")
        #expect(Transport(transport.description) == transport)
    }

    @Test func passesOverUnknownSections() throws {
        var bytes = openRecord(path: Array("a\0".utf8))
        bytes.add(section_field(rawValue: 999), "whatever")
        #expect(try decodedEvent(bytes.bytes).kind == .open)
    }

    @Test func refusesUnknownKinds() {
        var fixed = open_record()
        fixed.record = .head(record_kind(rawValue: 500))
        #expect(throws: DecodeError.unknownKind(500)) { try decode(RecordBytes(fixed).bytes) }
    }

    @Test func refusesEveryShorterRecord() {
        let whole = execRecord().bytes
        for length in 0..<whole.count {
            #expect(throws: DecodeError.short) { try decode(Array(whole[..<length])) }
        }
    }

    /// Any bytes give a value or a DecodeError; a trap would end the test run.
    @Test func survivesNoise() {
        var random = SplitMix(state: 42)
        let samples = [execRecord().bytes, openRecord(path: Array("a\0b\0".utf8)).bytes]
        for _ in 0..<20_000 {
            var bytes = samples[Int(random.next() % 2)]
            for _ in 0...random.next() % 4 {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xff)
            }
            _ = try? decode(bytes)
        }
    }
}

/// Steele, Lea and Flood 2014; seeded, so that a failure comes back.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
