import Events

/// Names of files that became patterns, by directory, program and access.
///
/// Of names that are made up some look like words by chance, other ones at each start. They are of the others' sort all
/// the same: else what the baseline knows already would count as new.
struct PatternNames {
    private var names: [OpenBehaviour: [[UInt8]]] = [:]

    mutating func add(_ shape: Behaviour) {
        guard let (place, name) = Self.split(shape), Glob.literalBytes(name[...]) == nil, name != [Glob.star] else {
            return
        }
        names[place, default: []].append(name)
    }

    /// The shape that matches a literal one; nil where there is none.
    func shape(like shape: Behaviour) -> Behaviour? {
        guard !names.isEmpty, let (place, name) = Self.split(shape), let literal = Glob.literalBytes(name[...]),
            let pattern = names[place]?.first(where: { Glob.matches($0[...], literal.span) })
        else { return nil }
        var like = place
        like.path += "/" + String(decoding: pattern, as: UTF8.self)
        return .open(like)
    }

    private static func split(_ shape: Behaviour) -> (place: OpenBehaviour, name: [UInt8])? {
        guard case .open(var open) = shape, let slash = open.path.utf8.lastIndex(of: Glob.slash) else { return nil }
        let name = Array(open.path.utf8[open.path.utf8.index(after: slash)...])
        open.path = String(open.path[..<slash])
        return (open, name)
    }
}
