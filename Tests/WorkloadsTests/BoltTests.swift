import Foundation
import Testing

@testable import Workloads

@Suite struct BoltTests {
    /// A page of 512 bytes: header, elements, then keys and values.
    static func page(_ number: UInt64, flags: UInt16, _ entries: [(flags: UInt32, key: String, value: [UInt8])])
        -> [UInt8]
    {
        var head: [UInt8] = le(number) + le(flags) + le(UInt16(entries.count)) + le(UInt32(0))
        var data: [UInt8] = []
        for (index, entry) in entries.enumerated() {
            let position = (entries.count - index) * 16 + data.count
            head +=
                le(entry.flags) + le(UInt32(position)) + le(UInt32(entry.key.utf8.count))
                + le(UInt32(entry.value.count))
            data += Array(entry.key.utf8) + entry.value
        }
        let bytes = head + data
        return bytes + [UInt8](repeating: 0, count: max(0, 4096 - bytes.count))
    }

    static func le<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    static func meta(root: UInt64, transaction: UInt64) -> [UInt8] {
        let body =
            le(UInt32(0xED0C_DAED)) + le(UInt32(2)) + le(UInt32(4096)) + le(UInt32(0)) + le(root) + le(UInt64(0))
            + le(UInt64(9)) + le(UInt64(9)) + le(transaction)
        let sum = body.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let bytes = [UInt8](repeating: 0, count: 16) + body + le(sum)
        return bytes + [UInt8](repeating: 0, count: 4096 - bytes.count)
    }

    static func with<T>(_ pages: [[UInt8]], _ body: (Bolt?) throws -> T) throws -> T {
        let path = NSTemporaryDirectory() + "/bolt-\(UUID().uuidString)"
        defer { unlink(path) }
        try Data(pages.joined()).write(to: URL(fileURLWithPath: path))
        return try body(Bolt(path: path))
    }

    static let inner = Array(page(0, flags: 2, [(0, "k", Array("v".utf8))]).prefix(34))
    static let pages = [
        meta(root: 2, transaction: 7), meta(root: 99, transaction: 6),
        page(
            2, flags: 2,
            [(1, "ctr", le(UInt64(3)) + le(UInt64(0))), (1, "inline", le(UInt64(0)) + le(UInt64(0)) + inner)]),
        page(3, flags: 2, [(0, "a", Array("1".utf8)), (0, "b", Array("2".utf8))]),
    ]

    @Test func looksUp() throws {
        try Self.with(Self.pages) { bolt in
            let bolt = try #require(bolt)
            #expect(bolt.text(["ctr", "a"]) == "1" && bolt.text(["ctr", "b"]) == "2")
            #expect(bolt.text(["inline", "k"]) == "v")
            #expect(bolt.texts(["ctr"]) == ["a": "1", "b": "2"])
            #expect(bolt.value(["ctr", "c"]) == nil && bolt.value(["x", "a"]) == nil && bolt.value(["ctr"]) == nil)
        }
    }

    @Test func tornPagesReadAsNothing() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var pages = Self.pages
            for _ in 0..<8 {
                pages[2][Int.random(in: 0..<96, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            try Self.with(pages) { bolt in
                _ = bolt?.text(["ctr", "a"])
                _ = bolt?.texts(["inline"])
            }
        }
        try Self.with([Self.meta(root: 2, transaction: 1)]) { #expect($0?.value(["ctr", "a"]) == nil) }
        try Self.with([[1, 2, 3]]) { #expect($0 == nil) }
    }
}
