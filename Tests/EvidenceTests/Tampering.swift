import Foundation

@testable import Evidence

enum Tampering {
    /// What somebody without the key may do to the files; `true`: something was changed by it.
    static let ways: [(name: String, change: @Sendable (Case, inout SystemRandomNumberGenerator) throws -> Bool)] = [
        ("a bit of a segment is flipped", { try flip($0, try $0.segments.randomElement(using: &$1)!, &$1) }),
        ("a bit of the manifest is flipped", { try flip($0, EvidenceFiles.manifest, &$1) }),
        ("a bit of the checkpoint is flipped", { try flip($0, EvidenceFiles.checkpoint, &$1) }),
        (
            "a line is removed",
            {
                try lines($0, &$1) { lines, generator in
                    lines.remove(at: .random(in: 0..<lines.count, using: &generator))
                }
            }
        ),
        (
            "a line is doubled",
            {
                try lines($0, &$1) { lines, generator in
                    let index = Int.random(in: 0..<lines.count, using: &generator)
                    lines.insert(lines[index], at: index)
                }
            }
        ),
        (
            "two lines change places",
            {
                try lines($0, &$1) { lines, generator in
                    let index = Int.random(in: 0..<lines.count - 1, using: &generator)
                    lines.swapAt(index, index + 1)
                }
            }
        ),
        (
            "a word of a record is another",
            {
                try lines($0, &$1) { lines, generator in
                    let index = Int.random(in: 0..<lines.count, using: &generator)
                    let text = String(decoding: lines[index], as: UTF8.self)
                    lines[index] = Array(text.replacing("line", with: "lime").replacing("node7", with: "node8").utf8)
                }
            }
        ),
        (
            "all from one line on is chained anew",
            {
                try lines($0, &$1) { lines, generator in
                    let from = Int.random(in: 1..<lines.count, using: &generator)
                    var last = ChainedLine(lines[from - 1][...])!
                    for index in from..<lines.count {
                        let line = ChainedLine(lines[index][...])!
                        let record = index == from ? Array(#"{"innocent":true}"#.utf8)[...] : line.record
                        let digest = last.digest.next(number: line.number, record: record)
                        lines[index] = ChainedLine.bytes(digest, line.number, record).dropLast()
                        last = ChainedLine(lines[index][...])!
                    }
                }
            }
        ),
        (
            "a line has a number to which nobody counts",
            {
                try lines($0, &$1) { lines, generator in
                    let index = Int.random(in: 0..<lines.count, using: &generator)
                    let line = ChainedLine(lines[index][...])!
                    lines[index] = ChainedLine.bytes(line.digest, .max, line.record).dropLast()
                }
            }
        ),
        (
            "a segment is cut",
            { evidence, generator in
                let name = try evidence.segments.randomElement(using: &generator)!
                let bytes = evidence.read(name)
                try evidence.write(name, Array(bytes.prefix(.random(in: 0..<bytes.count, using: &generator))))
                return true
            }
        ),
        (
            "something is appended",
            { evidence, generator in
                let names = try evidence.segments + [EvidenceFiles.manifest, EvidenceFiles.checkpoint]
                let name = names.randomElement(using: &generator)!
                try evidence.write(name, evidence.read(name) + Array("{}\n".utf8))
                return true
            }
        ),
        (
            "a file is removed",
            { evidence, generator in
                let names = try evidence.segments + [EvidenceFiles.manifest, EvidenceFiles.checkpoint]
                unlink(evidence.path(names.randomElement(using: &generator)!))
                return true
            }
        ),
        (
            "two segments change places",
            { evidence, generator in
                let names = try evidence.segments.shuffled(using: &generator)
                let first = evidence.read(names[0])
                try evidence.write(names[0], evidence.read(names[1]))
                try evidence.write(names[1], first)
                return true
            }
        ),
        (
            "the end is removed from all",
            { evidence, generator in
                let names = try evidence.segments
                for name in names.suffix(.random(in: 1..<names.count, using: &generator)) {
                    unlink(evidence.path(name))
                }
                return true
            }
        ),
    ]

    private static func flip(_ evidence: Case, _ name: String, _ generator: inout SystemRandomNumberGenerator) throws
        -> Bool
    {
        var bytes = evidence.read(name)
        bytes[.random(in: 0..<bytes.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        try evidence.write(name, bytes)
        return true
    }

    private static func lines(
        _ evidence: Case, _ generator: inout SystemRandomNumberGenerator,
        _ change: (inout [[UInt8]], inout SystemRandomNumberGenerator) -> Void
    ) throws -> Bool {
        let name = try evidence.segments.randomElement(using: &generator)!
        let before = EvidenceFiles.lines(evidence.read(name)).whole.map(Array.init)
        var lines = before
        guard lines.count > 1 else { return false }
        change(&lines, &generator)
        try evidence.write(name, lines.flatMap { $0 + [0x0a] })
        return lines != before
    }
}
