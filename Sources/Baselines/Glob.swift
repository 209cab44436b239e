/// The pattern language of baselines, over UTF-8 bytes.
///
/// `*` stands for any bytes but `/`; `**` as a whole segment stands for any number of segments, none included, so that
/// `/etc/nginx/**` is the directory and everything below. `\w` is one letter, digit or underscore of ASCII. `\*` is a
/// star and `\\` a backslash; a backslash before anything else is itself. In an argument `**` may stand anywhere and also
/// crosses `/`; a word that is only `*` is any word, and `**` as the last word is any further words. Beside other text in
/// an argument, `*` does not stand for what begins another command or another string either (`isSyntax`): the next script
/// is not of the same shape for ending in `; rm`.
package enum Glob {
    static let star = UInt8(ascii: "*")
    static let slash = UInt8(ascii: "/")
    static let backslash = UInt8(ascii: "\\")
    private static let wordMark = UInt8(ascii: "w")

    /// The pattern that matches `text` and nothing else.
    package static func escape(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(where: { $0 == star || $0 == backslash }) else { return String(text) }
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar == "*" || scalar == "\\" { result.unicodeScalars.append("\\") }
            result.unicodeScalars.append(scalar)
        }
        return result
    }

    /// The only text that the pattern matches; nil where it matches more.
    package static func literal(_ pattern: some StringProtocol) -> String? {
        literalBytes(Array(pattern.utf8)[...]).map { String(decoding: $0, as: UTF8.self) }
    }

    static func literalBytes(_ pattern: ArraySlice<UInt8>) -> [UInt8]? {
        guard pattern.contains(where: { $0 == star || $0 == backslash }) else { return Array(pattern) }
        var result: [UInt8] = []
        result.reserveCapacity(pattern.count)
        var index = pattern.startIndex
        while index < pattern.endIndex {
            if pattern[index] == star || isClass(pattern, index) { return nil }
            index += escapeLength(pattern, index) - 1
            result.append(pattern[index])
            index += 1
        }
        return result
    }

    /// 2 where an escaped star or backslash begins, or `\w`, else 1.
    @inline(__always)
    static func escapeLength(_ pattern: ArraySlice<UInt8>, _ index: Int) -> Int {
        guard pattern[index] == backslash, index + 1 < pattern.endIndex else { return 1 }
        let next = pattern[index + 1]
        return next == star || next == backslash || next == wordMark ? 2 : 1
    }

    /// Whether `\w` begins here.
    @inline(__always)
    static func isClass(_ pattern: ArraySlice<UInt8>, _ index: Int) -> Bool {
        pattern[index] == backslash && index + 1 < pattern.endIndex && pattern[index + 1] == wordMark
    }

    /// What `\w` stands for.
    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 48...57: true
        case UInt8(ascii: "_"): true
        default: false
        }
    }

    /// One token of a pattern: a segment of a path, a label of a domain, a word of the arguments.
    enum Token: Hashable {
        case literal([UInt8])
        case any
        case deep
        /// Holds a star among other bytes, or `\w`, as it was written.
        case partial([UInt8])
        /// The same of an argument.
        case partialWord([UInt8])

        init(_ written: ArraySlice<UInt8>, isWord: Bool = false) {
            if written.elementsEqual([star]) {
                self = .any
            } else if written.elementsEqual([star, star]) {
                self = .deep
            } else if let literal = literalBytes(written) {
                self = .literal(literal)
            } else {
                self = isWord ? .partialWord(Array(written)) : .partial(Array(written))
            }
        }
    }

    /// `/a/b` is three tokens, of which the first is empty; `/` is only that first one.
    static func pathTokens(_ pattern: String) -> [Token] {
        if pattern == "/" { return [.literal([])] }
        return Array(pattern.utf8).split(separator: slash, omittingEmptySubsequences: false).map { Token($0) }
    }

    static func domainTokens(_ pattern: String) -> [Token] {
        Array(pattern.lowercased().utf8).split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map { Token($0) }
    }

    static func wordTokens(_ words: [String]) -> [Token] {
        words.enumerated().map { index, word in
            let token = Token(Array(word.utf8)[...], isWord: true)
            // Only the last word stands for further words; before that it is any one word.
            return token == .deep && index != words.count - 1 ? .any : token
        }
    }

    /// Literal bytes before the first star or `\w` and after the last one.
    static func frame(_ pattern: [UInt8]) -> (prefix: [UInt8], suffix: [UInt8]) {
        var prefix: [UInt8] = []
        var suffix: [UInt8] = []
        var met = false
        var index = 0
        let slice = pattern[...]
        while index < pattern.count {
            if pattern[index] == star || isClass(slice, index) {
                met = true
                suffix.removeAll(keepingCapacity: true)
                index += escapeLength(slice, index)
                continue
            }
            index += escapeLength(slice, index) - 1
            if met { suffix.append(pattern[index]) } else { prefix.append(pattern[index]) }
            index += 1
        }
        return (prefix, suffix)
    }

    /// What ends a command, a string or an expression, or begins one, for shells and most other interpreters.
    static func isSyntax(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ";"), UInt8(ascii: "|"), UInt8(ascii: "&"), UInt8(ascii: "$"), UInt8(ascii: "`"),
            UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "{"),
            UInt8(ascii: "}"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\""), UInt8(ascii: "'"),
            UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            true
        default: false
        }
    }

    /// Whether one token's pattern matches the bytes.
    static func matches(_ pattern: ArraySlice<UInt8>, _ text: Span<UInt8>, isWord: Bool = false) -> Bool {
        var at = pattern.startIndex
        var position = 0
        // Where to go on after the last `*` and the last `**`, should the rest not fit.
        var starNext = -1
        var starText = 0
        var deepNext = -1
        var deepText = 0
        while true {
            if at < pattern.endIndex {
                if pattern[at] == star {
                    if at + 1 < pattern.endIndex, pattern[at + 1] == star {
                        at += 2
                        (deepNext, deepText, starNext) = (at, position, -1)
                    } else {
                        at += 1
                        (starNext, starText) = (at, position)
                    }
                    continue
                }
                let length = escapeLength(pattern, at)
                if position < text.count,
                    isClass(pattern, at) ? isWordByte(text[position]) : text[position] == pattern[at + length - 1]
                {
                    at += length
                    position += 1
                    continue
                }
            } else if position == text.count {
                return true
            }
            if starNext >= 0, starText < text.count, text[starText] != slash, !isWord || !isSyntax(text[starText]) {
                starText += 1
                (at, position) = (starNext, starText)
            } else if deepNext >= 0, deepText < text.count {
                deepText += 1
                (at, position, starNext) = (deepNext, deepText, -1)
            } else {
                return false
            }
        }
    }

    static func matchesToken(_ token: Token, _ bytes: [UInt8]) -> Bool {
        switch token {
        case .literal(let literal): literal == bytes
        case .any, .deep: true
        case .partial(let pattern): matches(pattern[...], bytes.span)
        case .partialWord(let pattern): matches(pattern[...], bytes.span, isWord: true)
        }
    }

    /// Whether the tokens match the words one by one; for explanations, where speed does not count.
    static func matches(_ tokens: ArraySlice<Token>, _ words: ArraySlice<[UInt8]>) -> Bool {
        // reach[i]: the tokens so far match the first i words.
        var reach = [Bool](repeating: false, count: words.count + 1)
        reach[0] = true
        for token in tokens {
            var next = [Bool](repeating: false, count: words.count + 1)
            if token == .deep {
                var on = false
                for index in 0...words.count {
                    on = on || reach[index]
                    next[index] = on
                }
            } else {
                for index in 0..<words.count where reach[index] {
                    next[index + 1] = matchesToken(token, words[words.startIndex + index])
                }
            }
            reach = next
        }
        return reach[words.count]
    }

    /// Whether a pattern of a path, or of an executable, matches the path.
    package static func matchesPath(_ pattern: String, _ path: String) -> Bool {
        if pattern == "*" { return true }
        let words =
            path == "/"
            ? [[]] : Array(path.utf8).split(separator: slash, omittingEmptySubsequences: false).map(Array.init)
        return matches(pathTokens(pattern)[...], words[...])
    }

    package static func matchesArguments(_ pattern: [String], _ words: [String]) -> Bool {
        matches(wordTokens(pattern)[...], words.map { Array($0.utf8) }[...])
    }

    package static func matchesDomain(_ pattern: String, _ domain: String) -> Bool {
        let words = Array(Glob.canonicalDomain(domain).utf8).split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return matches(domainTokens(pattern)[...], words.map(Array.init)[...])
    }

    /// Lower case, without the dot of the root.
    package static func canonicalDomain(_ domain: String) -> String {
        let lower = domain.lowercased()
        return lower.hasSuffix(".") && lower.utf8.count > 1 ? String(lower.dropLast()) : lower
    }
}

extension Glob {
    /// Why the pattern is not one of a path; nil where it is.
    package static func faultInPath(_ pattern: String) -> String? {
        if pattern.isEmpty { return nil }
        let isLiteral = !pattern.utf8.contains { $0 == star || $0 == backslash }
        if !isLiteral, let fault = faultInEscapes(pattern) { return fault }
        // What has no place in the tree is named `memfd:NAME`, `pipe:[1]`; an abstract socket `@NAME`.
        let first = pattern.utf8.first!
        if first != slash, first != star, first != UInt8(ascii: "@"), !pattern.utf8.contains(UInt8(ascii: ":")) {
            return "a path must be absolute, so begin with /"
        }
        return isLiteral ? nil : faultInSegments(pattern, separator: slash, what: "segment")
    }

    static func faultInDomain(_ pattern: String) -> String? {
        if pattern.isEmpty { return "a domain may not be empty" }
        if pattern.utf8.contains(where: { $0 <= 32 || $0 == slash || $0 == UInt8(ascii: ":") || $0 == 127 }) {
            return "not a domain name"
        }
        if pattern.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).contains(where: \.isEmpty)
        {
            return "a label of a domain may not be empty"
        }
        return faultInEscapes(pattern) ?? faultInSegments(pattern, separator: UInt8(ascii: "."), what: "label")
    }

    static func faultInWord(_ pattern: String) -> String? {
        if runsOfStars(Array(pattern.utf8)[...]).contains(where: { $0 > 2 }) {
            return "more than two stars in a row; write \\* for a star itself"
        }
        return faultInEscapes(pattern)
    }

    /// Whether two stars stand in a row somewhere.
    static func holdsDeep(_ pattern: String) -> Bool { runsOfStars(Array(pattern.utf8)[...]).contains { $0 >= 2 } }

    private static func faultInEscapes(_ pattern: String) -> String? {
        let bytes = Array(pattern.utf8)[...]
        var index = 0
        while index < bytes.count {
            if bytes[index] == backslash, index + 1 == bytes.count {
                return "ends in a lone backslash; write \\\\ for a backslash itself"
            }
            index += escapeLength(bytes, index)
        }
        return nil
    }

    private static func faultInSegments(_ pattern: String, separator: UInt8, what: String) -> String? {
        for segment in Array(pattern.utf8).split(separator: separator) {
            let runs = runsOfStars(segment)
            if runs.contains(where: { $0 > 2 }) { return "more than two stars in a row; write \\* for a star itself" }
            if runs.contains(2), segment.count != 2 { return "** must be a whole \(what)" }
        }
        return nil
    }

    private static func runsOfStars(_ bytes: ArraySlice<UInt8>) -> [Int] {
        var runs: [Int] = []
        var run = 0
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == star {
                run += 1
            } else if run > 0 {
                runs.append(run)
                run = 0
            }
            index += escapeLength(bytes, index)
        }
        if run > 0 { runs.append(run) }
        return runs
    }
}
