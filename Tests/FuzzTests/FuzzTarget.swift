/// What reads bytes that others wrote. For any bytes it must come back soon, with a value or a refusal.
enum FuzzTarget: String, CaseIterable, Sendable {
    case record, answer, lines, baseline, glob, bolt, runtimes, proc, time

    /// Throws where a promise about what was read does not hold.
    func run(_ bytes: [UInt8]) throws(Broken) {
        switch self {
        case .record: try fuzzRecord(bytes)
        case .answer: try fuzzAnswer(bytes)
        case .lines: try fuzzLines(bytes)
        case .baseline: try fuzzBaseline(bytes)
        case .glob: try fuzzGlob(bytes)
        case .bolt: fuzzBolt(bytes)
        case .runtimes: fuzzRuntimes(bytes)
        case .proc: try fuzzProc(bytes)
        case .time: try fuzzTime(bytes)
        }
    }
}

/// A promise that some bytes break.
struct Broken: Error, CustomStringConvertible {
    var description: String

    static func unless(_ holds: Bool, _ promise: @autoclosure () -> String) throws(Broken) {
        if !holds { throw Broken(description: promise()) }
    }
}
