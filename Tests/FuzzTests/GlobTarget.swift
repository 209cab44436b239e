import Events

@testable import Baselines

/// A pattern and a text, a NUL between: the index, the slow matcher and one without tricks must agree, and none be slow.
func fuzzGlob(_ bytes: [UInt8]) throws(Broken) {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let pattern = String(validating: parts[0], as: UTF8.self),
        let text = String(validating: parts[1], as: UTF8.self)
    else { return }
    // The plain matcher tries all ways: their number is exponential in the stars.
    let isSmall = bytes.count < 64 && pattern.utf8.count { $0 == Glob.star } <= 4
    if Glob.faultInPath(pattern) == nil, !pattern.isEmpty, text.hasPrefix("/") {
        let slow = Glob.matchesPath(pattern, text)
        let spec = BaselineSpec(open: [OpenEntry(executable: "*", path: pattern, access: .read)])
        let behaviour = Behaviour.open(OpenBehaviour(executable: "/x", path: text, access: .read))
        try Broken.unless(BaselineIndex(spec).knows(behaviour) == slow, "index and matcher differ about a path")
        if isSmall {
            try Broken.unless(naive(pattern, path: text) == slow, "the plain matcher differs about a path")
        }
    }
    if Glob.faultInWord(pattern) == nil, !text.utf8.contains(0) {
        let slow = Glob.matchesArguments([pattern, "x"], [text, "x"])
        let spec = BaselineSpec(exec: [ExecEntry(executable: "*", arguments: [pattern, "x"])])
        let behaviour = Behaviour.exec(ExecBehaviour(executable: "/x", parent: "", arguments: [text, "x"]))
        try Broken.unless(BaselineIndex(spec).knows(behaviour) == slow, "index and matcher differ about a word")
        if isSmall, pattern != "*", pattern != "**" {
            try Broken.unless(
                naive(Array(pattern.utf8)[...], Array(text.utf8)[...]) == slow, "the plain matcher differs about a word"
            )
        }
    }
    let exact = Glob.escape(text)
    try Broken.unless(Glob.literal(exact) == text, "escaped is not literal")
}

/// By definition, and so slow: segments, `**` for any number of them.
private func naive(_ pattern: String, path: String) -> Bool {
    if pattern == "*" { return true }
    func split(_ text: String) -> ArraySlice<ArraySlice<UInt8>> {
        text == "/" ? [[]] : Array(text.utf8).split(separator: Glob.slash, omittingEmptySubsequences: false)[...]
    }
    func matches(_ patterns: ArraySlice<ArraySlice<UInt8>>, _ names: ArraySlice<ArraySlice<UInt8>>) -> Bool {
        guard let first = patterns.first else { return names.isEmpty }
        if first.elementsEqual("**".utf8) {
            return matches(patterns.dropFirst(), names) || !names.isEmpty && matches(patterns, names.dropFirst())
        }
        guard let name = names.first else { return false }
        return naive(first, name) && matches(patterns.dropFirst(), names.dropFirst())
    }
    return matches(split(pattern), split(path))
}

private let wordBytes = Set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz".utf8)

private func naive(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    let rest = pattern.dropFirst()
    if first == Glob.star {
        let deep = rest.first == Glob.star
        let after = deep ? rest.dropFirst() : rest
        if naive(after, text) { return true }
        guard let byte = text.first, deep || byte != Glob.slash else { return false }
        return naive(pattern, text.dropFirst())
    }
    if first == Glob.backslash, rest.first == UInt8(ascii: "w") {
        guard let byte = text.first, wordBytes.contains(byte) else { return false }
        return naive(rest.dropFirst(), text.dropFirst())
    }
    let escapes = first == Glob.backslash && (rest.first == Glob.star || rest.first == Glob.backslash)
    let byte = escapes ? rest.first! : first
    return text.first == byte && naive(escapes ? rest.dropFirst() : rest, text.dropFirst())
}
