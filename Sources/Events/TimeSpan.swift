/// A length of time as people write it: `500ms`, `5s`, `10m`, `24h`, `7d`.
package enum TimeSpan {
    private static let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)]
    /// A century: in nanoseconds, and added to the time of day, it fits a signed 64-bit number.
    private static let longest = 36_525.0 * 86_400

    /// Nil where the text is no time, or none that is longer than nothing.
    package static func seconds(_ text: String) -> Double? {
        guard let (suffix, factor) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
        let digits = text.dropLast(suffix.count)
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let number = Double(digits), number > 0, number * factor <= longest
        else { return nil }
        return number * factor
    }

    /// As it is written: `90s`, `10m`.
    package static func text(_ seconds: Double) -> String {
        guard seconds >= 1, seconds == seconds.rounded() else { return "\(Int((seconds * 1000).rounded()))ms" }
        let unit = units.last { seconds.truncatingRemainder(dividingBy: $0.1) == 0 && seconds >= $0.1 } ?? ("s", 1)
        return "\(Int(seconds / unit.1))\(unit.0)"
    }
}
