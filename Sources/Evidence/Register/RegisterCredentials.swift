import Baselines
import Drift
import Events
import Workloads

/// Credentials: which file is which, and who read it.
extension Register {
    mutating func read(
        _ key: StoredCredential.Key, _ sort: CredentialClasses.Class, file: FileName?, by observation: Observation,
        isPerson: Bool, _ noted: inout Noted
    ) {
        let (workload, time) = (observation.workload, observation.time)
        let isNew = credentials[key] == nil
        var credential = credentials[key] ?? StoredCredential(key: key, what: sort.what, first: time, last: time)
        let (readers, wasRead) = (credential.workloads, credential.isReadByPerson)
        let read = Custody.Read(
            sort: sort.sort, path: Self.path(of: observation),
            program: Self.kept(observation.event.actor.executable.text), isPerson: isPerson, at: time)
        noted.read = read
        let reader = credential.note(read, by: workload.id, most: Self.mostReaders)
        credentials[key] = credential
        changedCredentials.insert(key)
        if let file { remember(file, as: key, of: workload) }
        if let reader {
            if repeats.count >= Self.mostRepeats { repeats.removeAll() }
            repeats[observation.event.key] = (key, reader)
        }
        if isNew { noted.changes.append(.credential(credential, by: workload)) }
        if credential.isShared, credential.workloads.count > readers.count {
            noted.changes.append(.shared(credential, by: workload))
        }
        if isPerson, !wasRead { noted.changes.append(.person(credential, by: workload)) }
    }

    private mutating func remember(_ name: FileName, as key: StoredCredential.Key, of workload: Workload) {
        if files[name] == nil {
            if files.count >= Self.mostFiles {
                files.removeAll()
                filesOfInstances.removeAll()
            }
            files[name] = File(credential: key)
        }
        if files[name]!.instances.insert(workload.instance).inserted {
            filesOfInstances[workload.instance, default: []].append(name)
        }
    }

    /// What is mounted at the start and no file system of memory or of one container: there numbers are given away again.
    static func steadyDevices(_ mounts: String) -> Set<Device> {
        var devices: Set<Device> = []
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 6, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { continue }
            let numbers = words[2].split(separator: ":").compactMap { UInt32($0) }
            let isPassing =
                ["tmpfs", "ramfs"].contains(words[dash + 1]) || words[dash + 1] == "overlay" && words[4] != "/"
            if numbers.count == 2, !isPassing { devices.insert(Device(numbers[0] << 20 | numbers[1] & 0xfffff)) }
        }
        return devices
    }

    private static func path(of observation: Observation) -> String {
        switch observation.event.act {
        case .open(let open): kept(steady(open.path.text))
        case .connect(let connect): if case .unix(let path) = connect.peer { kept(path) } else { "" }
        case .exec, .listen: ""
        }
    }

    /// Without the directories that change with each rotation: a kubelet writes volumes anew as `..2026_11_20_09_40_00.17`.
    static func steady(_ path: String) -> String {
        guard path.contains("/..2") else { return path }
        return "/" + path.split(separator: "/").filter { !$0.hasPrefix("..2") }.joined(separator: "/")
    }
}

extension StoredCredential {
    /// Ids of all that read it, each once.
    package var workloads: Set<String> { Set(readers.map(\.workload)) }

    /// Two workloads have it. A socket that gives each who asks an identity of their own is made for that.
    package var isShared: Bool { key.sort != Credential.identitySort && workloads.count > 1 }

    package var isReadByPerson: Bool { readers.contains(where: \.isPerson) }

    /// No workload ever read it by itself.
    package var isForPeopleOnly: Bool { !readers.isEmpty && readers.allSatisfy(\.isPerson) }

    /// The reader's place in the list; nil where there are too many to tell one more apart.
    fileprivate mutating func note(_ read: Custody.Read, by workload: String, most: Int) -> Int? {
        first = min(first, read.first)
        last = max(last, read.last)
        let place = readers.firstIndex {
            $0.workload == workload && $0.program == read.program && $0.isPerson == read.isPerson
        }
        if let place {
            readers[place].first = min(readers[place].first, read.first)
            readers[place].last = max(readers[place].last, read.last)
            readers[place].count += 1
            readers[place].path = read.path
            return place
        }
        guard readers.count < most else { return nil }
        readers.append(
            Reader(
                workload: workload, program: read.program, path: read.path, isPerson: read.isPerson, first: read.first,
                last: read.last, count: 1))
        return readers.count - 1
    }
}
