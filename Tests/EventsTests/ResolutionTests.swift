import CEvents
import Testing

@testable import Events

/// A DNS message, put together by hand.
struct MessageBytes {
    private(set) var bytes: [UInt8]

    init(flags: UInt16 = 0x8180, questions: UInt16 = 1, answers: UInt16) {
        bytes = [0x12, 0x34] + Self.number(flags) + Self.number(questions) + Self.number(answers) + [0, 0, 0, 0]
    }

    static func number(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }

    static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    /// Where the question's name starts.
    static let pointer: [UInt8] = [0xc0, 12]

    func question(_ name: [UInt8], type: UInt16 = 1) -> MessageBytes {
        adding(name + Self.number(type) + [0, 1])
    }

    func record(_ name: [UInt8], _ type: UInt16, ttl: UInt32 = 60, _ data: [UInt8]) -> MessageBytes {
        adding(
            name + Self.number(type) + [0, 1] + Self.number(UInt16(ttl >> 16)) + Self.number(UInt16(ttl & 0xffff))
                + Self.number(UInt16(data.count)) + data)
    }

    private func adding(_ more: [UInt8]) -> MessageBytes {
        var copy = self
        copy.bytes += more
        return copy
    }
}

private let a: UInt16 = 1
private let alias: UInt16 = 5
private let aaaa: UInt16 = 28

@Suite struct ResolutionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let message: MessageBytes
        /// The question's name and, of each address, text and lifetime; nil: nothing is told.
        let means: (String, [(String, UInt32)])?
        var testDescription: String { name }

        init(_ name: String, _ message: MessageBytes, means: (String, [(String, UInt32)])?) {
            self.name = name
            self.message = message
            self.means = means
        }
    }

    private static func name(_ text: String) -> [UInt8] { MessageBytes.name(text) }
    private static let pointer = MessageBytes.pointer

    static let cases = [
        Case(
            "plain",
            MessageBytes(answers: 1).question(name("api.internal")).record(pointer, a, ttl: 5, [10, 0, 0, 1]),
            means: ("api.internal", [("10.0.0.1", 5)])),
        Case(
            "upper case, and no compression",
            MessageBytes(answers: 1).question(name("API.Internal")).record(name("api.INTERNAL"), a, [10, 0, 0, 1]),
            means: ("api.internal", [("10.0.0.1", 60)])),
        Case(
            "AAAA",
            MessageBytes(answers: 1).question(name("six"), type: aaaa)
                .record(pointer, aaaa, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            means: ("six", [("2001:db8::1", 60)])),
        Case(
            "a chain has the shortest lifetime on its way",
            MessageBytes(answers: 4).question(name("www.shop")).record(pointer, alias, ttl: 20, name("edge.cdn"))
                .record(name("edge.cdn"), alias, ttl: 300, name("x.edge.cdn"))
                .record(name("x.edge.cdn"), a, ttl: 60, [10, 0, 0, 1])
                .record(name("x.edge.cdn"), a, ttl: 10, [10, 0, 0, 2]),
            means: ("www.shop", [("10.0.0.1", 20), ("10.0.0.2", 10)])),
        Case(
            "a chain in any order",
            MessageBytes(answers: 2).question(name("www.shop")).record(name("edge"), a, [10, 0, 0, 1])
                .record(pointer, alias, name("edge")),
            means: ("www.shop", [("10.0.0.1", 60)])),
        Case(
            "a chain without an end",
            MessageBytes(answers: 2).question(name("one")).record(pointer, alias, name("two"))
                .record(name("two"), alias, name("one")),
            means: nil),
        Case(
            "a record of a name that nobody asked for",
            MessageBytes(answers: 2).question(name("evil")).record(name("api.internal"), a, [10, 6, 6, 6])
                .record(pointer, a, [10, 0, 0, 1]),
            means: ("evil", [("10.0.0.1", 60)])),
        Case(
            "strange bytes are escaped",
            MessageBytes(answers: 1).question([4, 0x2e, 0x2a, 0x0a, 0xff, 1, 0x41, 0]).record(
                pointer, a, [10, 0, 0, 1]),
            means: (#"\046\042\010\255.a"#, [("10.0.0.1", 60)])),
        Case(
            "a lifetime that looks negative",
            MessageBytes(answers: 1).question(name("x")).record(pointer, a, ttl: 0x8000_0001, [10, 0, 0, 1]),
            means: ("x", [("10.0.0.1", 0)])),
        Case(
            "cut after the first address",
            MessageBytes(answers: 9).question(name("x")).record(pointer, a, [10, 0, 0, 1]),
            means: ("x", [("10.0.0.1", 60)])),
        Case(
            "an address of the wrong size",
            MessageBytes(answers: 1).question(name("x")).record(pointer, a, [10, 0, 0]), means: nil),
        Case(
            "a pointer to itself",
            MessageBytes(answers: 1).question([0xc0, 12]).record(pointer, a, [10, 0, 0, 1]), means: nil),
        Case(
            "a pointer ahead",
            MessageBytes(answers: 1).question([0xc0, 40]).record(pointer, a, [10, 0, 0, 1]), means: nil),
        Case(
            "a name of more than 255 bytes",
            MessageBytes(answers: 1).question(
                name(Array(repeating: String(repeating: "a", count: 63), count: 4).joined(separator: ".") + ".b")
            ).record(pointer, a, [10, 0, 0, 1]), means: nil),
        Case(
            "the root", MessageBytes(answers: 1).question([0]).record(pointer, a, [10, 0, 0, 1]), means: nil),
        Case("a question", MessageBytes(flags: 0x0100, answers: 0).question(name("x")), means: nil),
        Case(
            "an error",
            MessageBytes(flags: 0x8183, answers: 1).question(name("x")).record(pointer, a, [10, 0, 0, 1]), means: nil),
        Case(
            "of another sort",
            MessageBytes(answers: 1).question(name("x"), type: 16).record(pointer, 16, [3, 1, 2, 3]), means: nil),
        Case(
            "two questions",
            MessageBytes(questions: 2, answers: 1).question(name("x")).question(name("y"))
                .record(pointer, a, [10, 0, 0, 1]), means: nil),
    ]

    @Test(arguments: cases) func reads(_ given: Case) {
        let resolution = Resolution(message: given.message.bytes)
        #expect(resolution?.name == given.means?.0)
        #expect(resolution?.addresses.map(\.ip.description) == given.means?.1.map(\.0))
        #expect(resolution?.addresses.map(\.lifetime) == given.means?.1.map(\.1))
    }

    @Test(arguments: cases) func comesBackFromEveryShorterMessage(_ given: Case) {
        for length in 0..<given.message.bytes.count {
            let part = Resolution(message: Array(given.message.bytes.prefix(length)))
            #expect(part == nil || part?.name == given.means?.0)
        }
    }

    @Test func comesInARecordWithWhoAsked() throws {
        var fixed = answer_record()
        fixed.record = .head(RECORD_ANSWER)
        fixed.cgroup = 77
        fixed.resolver.10 = 0xff
        fixed.resolver.11 = 0xff
        fixed.resolver.12 = 127
        fixed.resolver.15 = 53
        var bytes = RecordBytes(fixed)
        let message = MessageBytes(answers: 1).question(MessageBytes.name("x")).record(
            MessageBytes.pointer, a, [10, 0, 0, 1])
        bytes.add(FIELD_ANSWER, message.bytes)
        var decoder = EventDecoder()
        let answer = Answer(
            time: 9_000_000_000, cgroup: 77, resolver: IPAddress(v4: 127, 0, 0, 53),
            resolution: Resolution(name: "x", addresses: [.init(ip: IPAddress(v4: 10, 0, 0, 1), lifetime: 60)]))
        let whole = bytes.bytes
        let record = try decoder.decode(whole.span.bytes)
        let isAct = EventDecoder.isAct(whole.span.bytes)
        #expect(record == .answer(answer))
        #expect(!isAct)
    }
}
