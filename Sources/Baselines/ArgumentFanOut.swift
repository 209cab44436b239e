/// Joins command lines that differ, often, in a number or in the last word: which one is what is new at each run.
enum ArgumentFanOut {
    /// Scripts of one shape from which on their numbers are any.
    static let numbers = 8

    static func entries(_ entries: [ExecEntry]) -> [ExecEntry] { lastWordsJoined(numbersJoined(entries)) }

    private struct Group: Hashable {
        var executable: String
        var parent: String?
        var words: [String]
    }

    // MARK: Numbers

    /// A number that they have in common stays.
    private static func numbersJoined(_ entries: [ExecEntry]) -> [ExecEntry] {
        let groups = Dictionary(grouping: entries) { entry in
            Group(
                executable: entry.executable, parent: entry.parent,
                words: entry.arguments?.map { pieces($0).text.joined(separator: "\0") } ?? [])
        }
        return groups.values.flatMap { members -> [ExecEntry] in
            guard members.count >= numbers, let words = members[0].arguments else { return members }
            let joined = words.indices.map { index in join(members.map { pieces($0.arguments![index]) }) }
            let areData = joined.indices.allSatisfy {
                joined[$0] != "*" || mayBeAny(after: joined[..<$0], of: members[0].executable)
            }
            guard areData else { return members }
            return [
                ExecEntry(
                    executable: members[0].executable, parent: members[0].parent, arguments: joined,
                    breadth: Breadth(members.count))
            ]
        }
    }

    /// The text around the numbers of a pattern, one piece more than there are numbers.
    private static func pieces(_ pattern: String) -> (text: [Substring], numbers: [Substring]) {
        var text: [Substring] = []
        var numbers: [Substring] = []
        var start = pattern.startIndex
        var index = start
        let bytes = pattern.utf8
        while index < bytes.endIndex {
            guard (48...57).contains(bytes[index]) else {
                index = bytes.index(after: index)
                continue
            }
            text.append(pattern[start..<index])
            start = bytes[index...].firstIndex { !(48...57).contains($0) } ?? bytes.endIndex
            numbers.append(pattern[index..<start])
            index = start
        }
        return (text + [pattern[start...]], numbers)
    }

    private static func join(_ members: [(text: [Substring], numbers: [Substring])]) -> String {
        let first = members[0]
        var result = String(first.text[0])
        for index in first.numbers.indices {
            let isCommon = members.allSatisfy { $0.numbers[index] == first.numbers[index] }
            let next = first.text[index + 1]
            if isCommon {
                result += first.numbers[index]
            } else if !(endsInStar(result) || next.hasPrefix("*")) {
                // Else the one that is there already stands for the number, too.
                result += "*"
            }
            result += next
        }
        return result
    }

    private static func endsInStar(_ pattern: String) -> Bool {
        guard pattern.hasSuffix("*") else { return false }
        return pattern.dropLast().reversed().prefix { $0 == "\\" }.count % 2 == 0
    }

    // MARK: The last word

    private static func lastWordsJoined(_ entries: [ExecEntry]) -> [ExecEntry] {
        let groups = Dictionary(grouping: entries) { entry in
            Group(
                executable: entry.executable, parent: entry.parent, words: Array(entry.arguments?.dropLast() ?? []))
        }
        return groups.flatMap { group, members in
            guard members.count > Generaliser.fanOut, mayBeAny(after: group.words[...], of: group.executable)
            else { return members }
            return [
                ExecEntry(
                    executable: group.executable, parent: group.parent, arguments: group.words + ["*"],
                    breadth: Breadth(members.reduce(0) { $0 + max($1.breadth.count, 1) }))
            ]
        }
    }

    /// Whether the word that comes next is data: what an interpreter is to run is not, whether a script or its file.
    static func mayBeAny(after words: ArraySlice<String>, of executable: String) -> Bool {
        func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }
        var words = words
        var program = name(executable)
        // `busybox cat` is `cat`, and so is `cat` where that is a link to busybox.
        while ["busybox", "toybox"].contains(program) {
            guard let applet = words.first else { return false }
            program = name(applet)
            if ["busybox", "toybox"].contains(program) { words = words.dropFirst() }
        }
        return !Generaliser.keepsArguments(program) || words.dropFirst().contains { !$0.hasPrefix("-") }
    }
}
