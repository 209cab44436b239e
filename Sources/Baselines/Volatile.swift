/// Names that are new at each run: what in a path is a number, an identifier or a date, and so means the class.
enum Volatile {
    /// The pattern for a file that was opened: where data lie, any number in its name counts something.
    static func file(_ path: String) -> String { self.path(path, isFile: true) }

    /// The pattern for a path as observed; text without a volatile part comes back escaped.
    static func path(_ path: String, isFile: Bool = false) -> String {
        guard
            path.utf8.contains(where: { isDigit($0) || isUpper($0) }) || path.hasPrefix("/tmp")
                || path.hasPrefix("/var/tmp")
                || path.hasPrefix("/dev/shm") || path.utf8.contains(Glob.star) || path.utf8.contains(Glob.backslash)
                || path.hasSuffix(".swp") || path.contains("/tmp") || path.contains("/sess_")
        else { return path }
        guard path.utf8.first == Glob.slash else { return detached(path) }
        var segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        let place = Place(segments)
        let isCounted = isFile && place.isOfData && holdsData(segments)
        var isTemporary = false
        for index in segments.indices {
            if isTemporary {
                segments[index] = digitsStarred(segments[index])
            } else if isCounted, let numbered = numberedTemporaryName(segments[index]) {
                segments[index] = numbered
                isTemporary = true
            } else {
                let isLast = index == segments.count - 1
                segments[index] = segment(segments[index], place, isCounted: isCounted && isLast, isOfData: isCounted)
            }
        }
        return "/" + segments.joined(separator: "/")
    }

    /// A word of the arguments: an option stays, its value is taken as a path or a name.
    static func word(_ word: String) -> String {
        // A byte order mark at the start of a scalar does not survive the reading of a file.
        if word.unicodeScalars.first == "\u{feff}" { return "*" + Glob.escape(String(word.unicodeScalars.dropFirst())) }
        if word.utf8.contains(where: { $0 <= 32 || Glob.isSyntax($0) }) { return script(word) }
        if word.utf8.count > 512 { return Glob.escape(word) }
        if let equals = word.firstIndex(of: "="),
            word.hasPrefix("-") || word[..<equals].allSatisfy({ $0.isLetter || $0 == "_" })
        {
            let value = String(word[word.index(after: equals)...])
            return Glob.escape(word[...equals]) + self.word(value)
        }
        if word.hasPrefix("/") { return path(word) }
        // A short number says how much or which port, a long one when or who.
        if word.utf8.allSatisfy(isDigit) { return word.utf8.count >= 6 ? "*" : word }
        return word.utf8.count >= 6 ? identifiers(word, numbersFrom: 6) : Glob.escape(word)
    }

    /// A script keeps its shape: between what is syntax and space, each of its words as if it stood alone.
    ///
    /// What looks like base64 stays: it may be a script, too.
    private static func script(_ text: String) -> String {
        var result = ""
        var run: [UInt8] = []
        func close() -> String {
            defer { run.removeAll(keepingCapacity: true) }
            let word = String(decoding: run, as: UTF8.self)
            guard run.contains(where: isDigit) || word.contains("/tmp"), !isCoded(run[...]) else {
                return Glob.escape(word)
            }
            let pattern = Self.word(word)
            // A word alone may be any word; here it would be any script.
            return pattern == "**" ? Glob.escape(word) : pattern
        }
        for scalar in text.unicodeScalars {
            if scalar.value <= 32 || scalar.isASCII && Glob.isSyntax(UInt8(scalar.value)) {
                result += close()
                result.unicodeScalars.append(scalar)
            } else {
                run += UTF8.encode(scalar)!
            }
        }
        return result + close()
    }

    private static func isCoded(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.split { !isWordByte($0) && $0 != UInt8(ascii: "+") }.contains { word in
            word.count > 64 || word.count >= 20 && word.contains(where: isUpper) && word.contains(where: isLower)
        }
    }

    /// Whether the last name is one of data, neither a secret's nor a program's: in it a number says which one it is.
    private static func holdsData(_ segments: [String]) -> Bool {
        let directory = Array(segments.dropLast())
        guard !PathFanOut.isSecret(directory), directory.first != "opt",
            !directory.contains(where: programDirectories.contains)
        else { return false }
        return !segments.last!.split(separator: ".").dropFirst().contains { codeEndings.contains(String($0)) }
    }

    private static let programDirectories: Set<String> = [
        "bin", "sbin", "libexec", "dist-packages", "site-packages", "node_modules",
    ]
    private static let codeEndings: Set<String> = [
        "bash", "cgi", "cjs", "class", "dll", "exe", "jar", "js", "jsp", "ko", "lua", "mjs", "node", "php", "pl", "pm",
        "py", "pyc", "rb", "sh", "so", "war", "wasm",
    ]

    fileprivate enum Place {
        case proc, sys, device, temporary, settled, other

        init(_ segments: [String]) {
            switch segments.first {
            case "proc": self = .proc
            case "sys": self = .sys
            case "dev": self = segments.dropFirst().first == "shm" ? .temporary : .device
            case "tmp": self = .temporary
            case "var" where segments.dropFirst().first == "tmp": self = .temporary
            // Versions, not numbers, are what a package's files carry.
            case "usr", "lib", "lib32", "lib64", "bin", "sbin", "etc", "boot": self = .settled
            default: self = segments.contains("tmp") || segments.contains("temp") ? .temporary : .other
            }
        }
    }

    private static func segment(_ name: String, _ place: Place, isCounted: Bool, isOfData: Bool) -> String {
        let bytes = Array(name.utf8)
        if bytes.isEmpty { return "" }
        let allDigits = bytes.allSatisfy(isDigit)
        switch place {
        case .proc:
            if allDigits { return "*" }
            return Glob.escape(name)
        case .sys:
            if allDigits { return "*" }
            return digitsStarred(name)
        case .device:
            if allDigits { return "*" }
            return Glob.escape(name)
        case .settled:
            if name.contains(".so") { return Glob.escape(name) }
            return temporaryName(name, anywhere: false) ?? identifiers(name, numbersFrom: .max)
        case .temporary, .other:
            if allDigits { return "*" }
            if let rotated = rotatedLog(name) { return rotated }
            if name.hasPrefix("."), [".swp", ".swo", ".swx"].contains(where: name.hasSuffix), name.utf8.count > 5 {
                return ".*" + name.suffix(4)
            }
            if let temporary = temporaryName(name, anywhere: place.isTemporary) { return temporary }
            if isOfData, let temporary = sixMadeUp(name, afterDot: !place.isTemporary) { return temporary }
            return identifiers(name, numbersFrom: 5, isCounted: isCounted)
        }
    }

    private static func detached(_ path: String) -> String {
        for kind in ["pipe:[", "socket:["] where path.hasPrefix(kind) && path.hasSuffix("]") { return kind + "*]" }
        return identifiers(path, numbersFrom: 5)
    }

    private static func digitsStarred(_ name: String) -> String {
        var result = ""
        var inDigits = false
        for scalar in name.unicodeScalars {
            if ("0"..."9").contains(scalar) {
                if !inDigits { result += "*" }
                inDigits = true
            } else {
                result += Glob.escape(String(scalar))
                inDigits = false
            }
        }
        return result
    }

    /// `access.log.1`, `access.log.2.gz`: one number after a name that has an ending of its own.
    private static func rotatedLog(_ name: String) -> String? {
        var stem = Substring(name)
        for ending in [".gz", ".xz", ".bz2", ".zst"] where stem.hasSuffix(ending) { stem = stem.dropLast(ending.count) }
        guard let dot = stem.lastIndex(of: "."), case let number = stem[stem.index(after: dot)...],
            (1...3).contains(number.utf8.count), number.utf8.allSatisfy(isDigit), !name.contains(".so."),
            stem[..<dot].contains("log") || stem[..<dot].hasSuffix(".old") || stem.endIndex != name.endIndex
        else { return nil }
        return Glob.escape(stem[...dot]) + "*"
    }

    /// Uuids, long hex, dates, base64 and numbers of at least so many digits within a name, each as a star.
    ///
    /// `isCounted`: numbers of any length that stand by themselves, and short hashes beside other text, are too.
    static func identifiers(_ name: String, numbersFrom: Int, isCounted: Bool = false) -> String {
        let bytes = Array(name.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let begins = index == 0 || !isAlphanumeric(bytes[index - 1])
            if begins || isDigit(bytes[index]) && !isDigit(bytes[index - 1]) {
                let counted = isCounted && begins ? count(bytes, index) : nil
                if let end = volatile(bytes, index, begins, numbersFrom) ?? counted {
                    if result.last != Glob.star || result.count >= 2 && result[result.count - 2] == Glob.backslash {
                        result.append(Glob.star)
                    }
                    index = end
                    continue
                }
            }
            if bytes[index] == Glob.star || bytes[index] == Glob.backslash { result.append(Glob.backslash) }
            result.append(bytes[index])
            index += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Where the volatile part that begins here ends.
    private static func volatile(_ bytes: [UInt8], _ start: Int, _ begins: Bool, _ numbersFrom: Int) -> Int? {
        if begins, let end = uuid(bytes, start) { return end }
        if let end = date(bytes, start) { return end }
        if begins {
            let word = bytes[start...].prefix(while: isAlphanumeric)
            let digits = word.count(where: isDigit)
            let letters = word.count - digits
            let hex = word.allSatisfy(isHex)
            if hex, digits > 0, letters > 0, word.count >= 12 { return word.endIndex }
            if hex, word.count >= 8, word.count % 4 == 0, digits >= 2, letters > 0 { return word.endIndex }
            let coded = bytes[start...].prefix { isWordByte($0) || $0 == UInt8(ascii: "-") }
            if word.count >= 20, digits >= 2, letters >= 2 { return word.endIndex }
            if coded.count >= 22, digits >= 2, coded.count(where: isUpper) >= 2, coded.count(where: isLower) >= 2,
                !coded.contains(UInt8(ascii: "-")) || mixes(coded) >= 3
            {
                return coded.endIndex
            }
        }
        let number = bytes[start...].prefix(while: isDigit)
        return number.count >= numbersFrom && !number.isEmpty ? number.endIndex : nil
    }

    /// Where the number or the short hash that stands here by itself ends.
    private static func count(_ bytes: [UInt8], _ start: Int) -> Int? {
        let word = bytes[start...].prefix(while: isAlphanumeric)
        if !word.isEmpty, word.allSatisfy(isDigit) { return word.endIndex }
        let isHash =
            word.count >= 6 && word.count < bytes.count && word.allSatisfy(isHex) && word.count(where: isDigit) >= 2
            && !word.allSatisfy(isDigit)
        return isHash ? word.endIndex : nil
    }

    private static func uuid(_ bytes: [UInt8], _ start: Int) -> Int? {
        var index = start
        for (group, length) in [8, 4, 4, 4, 12].enumerated() {
            if group > 0 {
                guard index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "_") else {
                    return nil
                }
                index += 1
            }
            guard index + length <= bytes.count, bytes[index..<index + length].allSatisfy(isHex) else { return nil }
            index += length
        }
        return index < bytes.count && isAlphanumeric(bytes[index]) ? nil : index
    }

    /// `2026-11-20`, `20261120`, `2026_11_20`, with what follows of the time of day.
    private static func date(_ bytes: [UInt8], _ start: Int) -> Int? {
        func number(_ at: Int, _ count: Int) -> Int? {
            guard at + count <= bytes.count, bytes[at..<at + count].allSatisfy(isDigit) else { return nil }
            return bytes[at..<at + count].reduce(0) { $0 * 10 + Int($1 - 48) }
        }
        guard let year = number(start, 4), (1990...2099).contains(year) else { return nil }
        var index = start + 4
        let separated = index < bytes.count && "-_.".utf8.contains(bytes[index])
        if separated { index += 1 }
        guard let month = number(index, 2), (1...12).contains(month) else { return nil }
        index += 2
        if separated {
            guard index < bytes.count, "-_.".utf8.contains(bytes[index]) else { return nil }
            index += 1
        }
        guard let day = number(index, 2), (1...31).contains(day) else { return nil }
        index += 2
        while index < bytes.count {
            if isDigit(bytes[index]) {
                index += 1
            } else if index + 1 < bytes.count, isDigit(bytes[index + 1]), "T-_.:+".utf8.contains(bytes[index]) {
                index += 2
            } else {
                break
            }
        }
        return index
    }

    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    static func isUpper(_ byte: UInt8) -> Bool { (65...90).contains(byte) }
    static func isLower(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isUpper(byte) || isLower(byte) }
    static func isWordByte(_ byte: UInt8) -> Bool { Glob.isWordByte(byte) }
    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (97...102).contains(byte) || (65...70).contains(byte)
    }
}

extension Volatile.Place {
    fileprivate var isTemporary: Bool { self == .temporary }
    fileprivate var isOfData: Bool { self == .temporary || self == .other }
}
