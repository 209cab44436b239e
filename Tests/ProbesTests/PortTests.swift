import Testing

@testable import Probes

@Suite struct PortTests {
    /// Exactly the ports of the span, each once, by as few blocks as there can be.
    @Test(
        arguments: [
            (0...65535, 1), (443...443, 1), (0...0, 1), (65535...65535, 1), (1024...2047, 1), (1024...65535, 6),
            (1000...1999, 7), (1...65535, 16), (1...65534, 30),
        ] as [(ClosedRange<UInt16>, Int)])
    func aSpanIsTheseBlocks(_ ports: ClosedRange<UInt16>, blocks: Int) {
        let found = Probe.Destination.prefixes(of: ports)
        #expect(found.count == blocks)
        #expect(found.flatMap { first, bits in (0..<1 << (16 - bits)).map { Int(first) + $0 } } == ports.map(Int.init))
        for (first, bits) in found where bits < 16 {
            #expect(Int(first) % (1 << (16 - bits)) == 0, "\(first) has no other bits than the leading \(bits)")
        }
    }
}
