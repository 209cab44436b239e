import Baselines

/// Which workloads are watched: any of some globs, or all where there are none.
struct WorkloadFilter {
    private var globs: [String]

    init(_ globs: [String]) { self.globs = globs }

    func admits(_ id: String) -> Bool { globs.isEmpty || globs.contains { Glob.matchesPath($0, id) } }
}
