import Events

/// Most patterns are a directory's files (`/a/*`) or all below it (`/a/**`): these are exact too, by the directory.
extension BaselineIndex {
    /// The key of an entry that is such a pattern; nil where it is another.
    static func directoryKey(_ pattern: String, _ program: UInt64) -> UInt64? {
        for (ending, tag) in [("/**", Tag.tree), ("/*", .directory)] where pattern.hasSuffix(ending) {
            guard let place = Glob.literalBytes(Array(pattern.utf8.dropLast(ending.utf8.count))[...]) else {
                return nil
            }
            return TokenTrie.hash(key(tag, program), place.span)
        }
        return nil
    }

    /// Accesses to a path by entries that name its directory, or one above.
    func accessByDirectory(_ program: UInt64, _ path: Span<UInt8>) -> UInt8 {
        let tree = Self.key(.tree, program)
        // The root is the empty segment before its slash, which comes below.
        let isRoot = path.count == 1 && path[0] == Glob.slash
        var found = isRoot ? 0 : value(TokenTrie.hash(tree, path)) ?? 0
        var last: Int?
        for index in 0..<path.count where path[index] == Glob.slash {
            found |= value(TokenTrie.hash(tree, path.extracting(first: index))) ?? 0
            last = index
        }
        // The root is in no directory.
        guard let last, path.count > 1 else { return found }
        return found | (value(TokenTrie.hash(Self.key(.directory, program), path.extracting(first: last))) ?? 0)
    }
}
