/// Names of temporary files, of which something is made up each time.
extension Volatile {
    /// Names of mkstemp, mktemp, Python's tempfile, sessions: what they begin with, then a star.
    static func temporaryName(_ name: String, anywhere: Bool) -> String? {
        let bytes = Array(name.utf8)
        // What mkstemps puts behind it.
        if anywhere, let dot = bytes.dropFirst().lastIndex(of: UInt8(ascii: ".")),
            case let ending = bytes[(dot + 1)...], (1...5).contains(ending.count),
            ending.allSatisfy({ isUpper($0) || isLower($0) })
        {
            return temporaryName(String(decoding: bytes[..<dot], as: UTF8.self), anywhere: true).map {
                $0 + String(decoding: bytes[dot...], as: UTF8.self)
            }
        }
        // `tmp.X7kd02LmQa`, `tmpabc12345`, `tmp` and digits.
        if bytes.starts(with: "tmp".utf8), bytes.count >= 9 {
            let dot = bytes[3] == UInt8(ascii: ".") || bytes[3] == UInt8(ascii: "-") || bytes[3] == UInt8(ascii: "_")
            let rest = bytes[(dot ? 4 : 3)...]
            let end = rest.firstIndex { !isWordByte($0) } ?? rest.endIndex
            let random = rest[..<end]
            if random.count >= 6, anywhere || random.contains(where: isDigit) || random.contains(where: isUpper) {
                return (dot ? "tmp" + String(UnicodeScalar(bytes[3])) : "tmp") + "*"
                    + Glob.escape(String(decoding: bytes[end...], as: UTF8.self))
            }
        }
        if anywhere, let pattern = madeUp(bytes) { return pattern }
        // `sess_` and what PHP made up.
        if let mark = bytes.lastIndex(where: {
            $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }) {
            let random = bytes[(mark + 1)...]
            if random.count >= 6, random.allSatisfy(isAlphanumeric), isRandom(random, strict: !anywhere) {
                return identifiers(String(decoding: bytes[...mark], as: UTF8.self), numbersFrom: 5) + "*"
            }
        }
        // mkstemp's six letters right after a name.
        if anywhere, bytes.count >= 6,
            bytes.allSatisfy({ isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") })
        {
            let random = bytes.suffix(6)
            if random.allSatisfy(isAlphanumeric), isRandom(random, strict: false) {
                return identifiers(String(decoding: bytes.dropLast(6), as: UTF8.self), numbersFrom: 5) + "*"
            }
        }
        return nil
    }

    /// `pgsql_tmp16.0.fileset`: what calls itself temporary and has a number, which is another one each time, as are further
    /// ones; nil for what does not.
    static func numberedTemporaryName(_ name: String) -> String? {
        let bytes = Array(name.utf8)
        for mark in ["tmp", "temp"] {
            for index in bytes.indices where bytes[index...].starts(with: mark.utf8) {
                if index > 0, isLower(bytes[index - 1]) || isUpper(bytes[index - 1]) { continue }
                var start = index + mark.utf8.count
                if start < bytes.count, "-_.".utf8.contains(bytes[start]) { start += 1 }
                let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
                if end == start || end < bytes.count && isWordByte(bytes[end]) { continue }
                let (before, after) = (bytes[..<start], bytes[end...])
                return Glob.escape(String(decoding: before, as: UTF8.self)) + "*"
                    + identifiers(String(decoding: after, as: UTF8.self), numbersFrom: 1)
            }
        }
        return nil
    }

    /// Names without a word in them, each character for itself: a star alone would be the whole directory.
    private static func madeUp(_ bytes: [UInt8]) -> String? {
        let any = "\\w"
        // The compiler's.
        if bytes.count == 8, bytes.starts(with: "cc".utf8), bytes.allSatisfy(isAlphanumeric) {
            return "cc" + String(repeating: any, count: 6)
        }
        let hasNoWord =
            switch bytes.count {
            // mktemp's, of letters and digits.
            case 6, 10: bytes.allSatisfy(isAlphanumeric) && isRandom(bytes[...], strict: false)
            // Python's, which tries each directory with a file.
            case 8: bytes.allSatisfy { isWordByte($0) && !isUpper($0) } && holdsDigitAmongLetters(bytes)
            default: false
            }
        return hasNoWord ? String(repeating: any, count: bytes.count) : nil
    }

    /// `apache2.pid.LJeGzc`: mkstemp's six, after a dot or, where files are temporary, right after a name. For each a
    /// character, as some are not told from words.
    static func sixMadeUp(_ name: String, afterDot: Bool) -> String? {
        let bytes = Array(name.utf8)
        let random = bytes.suffix(6)
        guard bytes.count > 7, !afterDot || bytes[bytes.count - 7] == UInt8(ascii: "."),
            random.allSatisfy(isAlphanumeric)
        else { return nil }
        let (upper, lower) = (random.dropFirst().count(where: isUpper), random.count(where: isLower))
        let digits = random.count(where: isDigit)
        guard upper > 0 && lower > 0 || digits > 0 && digits < 6 && interleaved(random) else { return nil }
        let stem = String(decoding: bytes.dropLast(6), as: UTF8.self)
        return identifiers(stem, numbersFrom: 5) + String(repeating: "\\w", count: 6)
    }

    private static func holdsDigitAmongLetters(_ bytes: [UInt8]) -> Bool {
        let runs = bytes.split(whereSeparator: { !isDigit($0) })
        return runs.contains { digits in
            digits.startIndex > 0 && digits.endIndex < bytes.count && isLower(bytes[digits.startIndex - 1])
                && isLower(bytes[digits.endIndex])
        }
    }

    /// Mixed as words are not. Strict: long, with digits among letters.
    private static func isRandom(_ bytes: ArraySlice<UInt8>, strict: Bool) -> Bool {
        let digits = bytes.count(where: isDigit)
        let upper = bytes.dropFirst().count(where: isUpper)
        let lower = bytes.count(where: isLower)
        if strict { return bytes.count >= 16 && digits >= 2 && upper + lower >= 2 }
        if digits == bytes.count { return true }
        return digits > 0 && digits < bytes.count && !bytes.allSatisfy({ isUpper($0) })
            && interleaved(bytes)
            || (upper > 0 && lower > 0 && digits == 0 && upper < bytes.count - 1 && mixes(bytes) >= 2)
    }

    /// Not merely a word and its number, as `worker12` is.
    private static func interleaved(_ bytes: ArraySlice<UInt8>) -> Bool {
        let trailing = bytes.reversed().prefix(while: isDigit).count
        return bytes.dropLast(trailing).contains(where: isDigit) || mixes(bytes) >= 2
    }

    /// Changes from lower to upper case.
    static func mixes(_ bytes: ArraySlice<UInt8>) -> Int {
        zip(bytes, bytes.dropFirst()).count { isLower($0) && isUpper($1) }
    }
}
