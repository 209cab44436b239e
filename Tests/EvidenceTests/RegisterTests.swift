import Baselines
import Drift
import Events
import Foundation
import Testing
import Workloads

@testable import Evidence

private let web = Workload(id: "container/web", kind: .container, instance: "web-1", digest: "sha256:a")
private let db = Workload(id: "container/db", kind: .container, instance: "db-1")
private let unit = Workload(id: "unit/nginx.service", kind: .unit, instance: "u")
private let person = Workload(id: "user/anna", kind: .user, instance: "7")

/// A disk, and a file system that has no device of its own.
private let disk = Device(8 << 20 | 1)
private let memory = Device(52)

private func act(
    _ act: Act, by workload: Workload, program: String = "/bin/app", at time: Int64 = 10, key: UInt64 = 1
) -> Observation {
    let actor = Actor(
        process: ProcessName(pid: 1, start: 1), parent: .none, cgroup: 7, uid: 101,
        executable: ResolvedPath(program), parentExecutable: ResolvedPath(""))
    let event = Event(time: 1, key: BehaviourKey(high: 0, low: key), actor: actor, act: act)
    return Observation(event: event, workload: workload, origin: .child, time: time)
}

private func read(_ path: String, inode: UInt64 = 5, device: Device = disk, access: Access = .read) -> Act {
    .open(Open(path: ResolvedPath(path), access: access, inode: inode, device: device, mode: 0o100600))
}

private func connect(_ path: String) -> Act { .connect(Connect(peer: .unix(path: path), transport: .unix)) }

extension Register {
    @discardableResult
    fileprivate mutating func acted(_ observation: Observation, person: Bool = false) -> [Change] {
        acted(observation) { person }.changes
    }

    fileprivate mutating func writes() -> [StoreWrite] { takeChanges(at: 0) { IdentityFacts($0) }.writes }

    fileprivate mutating func credentials() -> [StoredCredential] {
        writes().compactMap { if case .credential(let credential) = $0 { credential } else { nil } }
    }
}

@Suite struct RegisterTests {
    @Test func anIdentityIsToldOnceAndWhatItUsedIsKept() throws {
        var register = Register()
        #expect(register.acted(act(.exec(Exec(filename: "/bin/app", arguments: [])), by: web)) == [.identity(web)])
        let address = SocketAddress(ip: IPAddress(v4: 203, 0, 113, 7), port: 443)
        #expect(register.acted(act(.connect(Connect(peer: .ip(address), transport: .tcp)), by: web, at: 20)).isEmpty)
        register.alerted(web)
        register.ended(web, at: 25)
        guard case .identity(let row, let uses)? = register.writes().first else {
            Issue.record("not written")
            return
        }
        #expect(row.workload == web.id && row.first == 10 && row.last == 20 && row.ended == 1 && row.alerts == 1)
        #expect(
            Set(uses.map { "\($0.sort.rawValue) \($0.name)" }) == [
                "program /bin/app", "uid 101", "destination 203.0.113.7:443/tcp",
            ])
        #expect(register.writes().isEmpty, "nothing is new")
    }

    @Test func whoIsKnownIsNotToldAgain() {
        var register = Register(known: [web.id])
        #expect(register.acted(act(connect("/run/x.sock"), by: web)).isEmpty)
    }

    /// A file that two workloads read is one credential, whatever they call it.
    @Test func oneFileOfTwoWorkloadsIsShared() throws {
        var register = Register(known: [web.id, unit.id])
        let first = register.acted(act(read("/run/secrets/token"), by: web))
        let second = register.acted(act(read("/srv/data/token"), by: unit), person: false)
        #expect(first.count == 1 && second.isEmpty, "by its path alone nobody would take it for a secret")
        let third = register.acted(act(read("/run/credentials/x/token", inode: 5), by: unit, at: 30))
        guard case .shared(let credential, unit)? = third.first else {
            Issue.record("\(third)")
            return
        }
        #expect(credential.workloads == [web.id, unit.id] && credential.isShared && !credential.isReadByPerson)
        #expect(
            credential.key == StoredCredential.Key(sort: "mounted-secret", path: "/run/secrets/token", owner: web.id))
        let again = register.acted(act(read("/run/credentials/x/token"), by: unit, at: 40))
        #expect(again.isEmpty, "it is told once")
        #expect(register.credentials().map { $0.readers.map(\.count) } == [[1, 2]])
    }

    @Test func filesOfTheSameNameInTwoContainersAreTwo() {
        var register = Register(known: [web.id, db.id])
        for (workload, inode) in [(web, UInt64(5)), (db, 6)] {
            register.acted(act(read("/run/secrets/token", inode: inode), by: workload))
        }
        let credentials = register.credentials()
        #expect(Set(credentials.map(\.key.owner)) == [web.id, db.id] && !credentials.contains(where: \.isShared))
    }

    /// Outside of containers a path is a file.
    @Test func onePathOfTwoUnitsIsShared() {
        var register = Register(known: [unit.id])
        let other = Workload(id: "unit/haproxy.service", kind: .unit, instance: "h")
        register.acted(act(read("/etc/ssl/private/site.key", inode: 5), by: unit))
        register.acted(act(read("/etc/ssl/private/site.key", inode: 9), by: other))
        #expect(register.credentials().map(\.isShared) == [true], "the file was renewed meanwhile")
    }

    /// The numbers of a tmpfs that is gone are given to the next.
    @Test(arguments: [(memory, true, false), (memory, false, true), (disk, true, true)])
    func numbersThatMayBeUsedAgain(_ device: Device, _ firstIsGone: Bool, _ shared: Bool) {
        var register = Register(known: [web.id, db.id])
        register.acted(act(read("/run/secrets/token", device: device), by: web))
        if firstIsGone { register.ended(web, at: 15) }
        register.acted(act(read("/run/secrets/token", device: device), by: db, at: 20))
        #expect(register.credentials().contains(where: \.isShared) == shared)
    }

    @Test func devicesOfTheNodeAreSteady() {
        let mounts = """
            1 0 0:40 / / rw - overlay overlay rw
            2 1 0:41 / /run rw - tmpfs tmpfs rw
            3 1 0:42 / /var/lib/containers/storage/overlay/a/merged rw shared:1 - overlay overlay rw
            4 1 0:43 /@home /home rw - btrfs /dev/sda1 rw
            """
        #expect(Register.steadyDevices(mounts) == [Device(40), Device(43)])
    }

    @Test func identitySocketsAreMadeToBeShared() {
        var register = Register(known: [web.id, db.id])
        for workload in [web, db] {
            register.acted(act(connect("/run/spire/sockets/agent.sock"), by: workload))
            register.acted(act(connect("/run/docker.sock"), by: workload))
        }
        let shared = register.credentials().filter(\.isShared).map(\.key.sort)
        #expect(shared == ["runtime-socket"])
    }

    struct Reading: Sendable, CustomTestStringConvertible {
        var name: String
        var byPeople: [Bool]
        var findings: [String]
        var testDescription: String { name }
    }

    @Test(arguments: [
        Reading(name: "only the workload", byPeople: [false, false], findings: []),
        Reading(name: "only an exec session", byPeople: [true, true], findings: ["human use"]),
        Reading(name: "both", byPeople: [false, true], findings: ["human access"]),
        Reading(name: "the session first", byPeople: [true, false], findings: ["human access"]),
    ]) func peopleAreToldFromWorkloads(_ reading: Reading) throws {
        var register = Register(known: [web.id])
        var told = 0
        for (number, isPerson) in reading.byPeople.enumerated() {
            let changes = register.acted(act(read("/run/secrets/token"), by: web, at: Int64(number)), person: isPerson)
            told += changes.count { if case .person = $0 { true } else { false } }
        }
        #expect(register.credentials().map(\.findings) == [reading.findings])
        #expect(told == (reading.byPeople.contains(true) ? 1 : 0))
    }

    @Test func aPersonIsNoIdentityButAReader() {
        var register = Register()
        let changes = register.acted(act(read("/root/.aws/credentials"), by: person, program: "/bin/cat"), person: true)
        #expect(changes.count == 2 && !changes.contains(.identity(person)))
        #expect(!register.writes().contains { if case .identity = $0 { true } else { false } })
    }

    @Test func countsOfTheKernelRenewTheLastUse() {
        var register = Register(known: [web.id])
        register.acted(act(read("/run/secrets/token"), by: web, key: 77))
        _ = register.writes()
        register.counted(BehaviourKey(high: 0, low: 77), count: 40, last: 900)
        register.counted(BehaviourKey(high: 0, low: 78), count: 40, last: 990)
        #expect(register.credentials().map { [$0.last, Int64($0.readers[0].count)] } == [[900, 40]])
    }

    @Test func aNewContentIsToldOnce() {
        var register = Register()
        register.acted(act(connect("/run/x.sock"), by: web))
        var other = web
        other.digest = "sha256:b"
        let told = [other, web, other].map { register.acted(act(connect("/run/x.sock"), by: $0)) }
        #expect(told == [[.content(other, before: "sha256:a")], [], []], "replicas of both go on beside each other")
    }

    @Test func whatIsOverdueIsToldOnce() {
        var register = Register(known: [web.id])
        var dossier = Dossier()
        dossier.ownership.owner = "payments"
        dossier.ownership.expires = "2026-11-01"
        (dossier.ownership.review, dossier.ownership.reviewed) = (90, "2026-07-01")
        var told: [Register.Change] = []
        for (time, day) in ["2026-07-02", "2026-10-01", "2026-11-01", "2026-11-02"].enumerated() {
            register.acted(act(connect("/run/x.sock"), by: web, at: Int64(time)))
            told += register.takeChanges(at: Day.start(day)!) { IdentityFacts($0, dossier) }.changes
        }
        #expect(told == [.overdue(web, reviewed: "2026-07-01"), .expired(web, day: "2026-11-01")])
    }

    @Test func whatWasStoredIsGoneOnWith() throws {
        var earlier = Register(known: [web.id, db.id])
        earlier.acted(act(read("/etc/ssl/private/a.key"), by: unit))
        var register = Register(known: [unit.id], credentials: earlier.credentials())
        let other = Workload(id: "unit/haproxy.service", kind: .unit, instance: "h")
        let changes = register.acted(act(read("/etc/ssl/private/a.key"), by: other))
        #expect(changes.contains { if case .shared = $0 { true } else { false } })
    }

    @Test func nobodyWaitsForEver() {
        var register = Register()
        var written: Set<String> = []
        for second in Int64(0)..<3 {
            for number in 0..<30 {
                let other = Workload(id: "container/\(number)", kind: .container, instance: "\(number)")
                register.acted(act(connect("/run/x.sock"), by: other, at: second))
            }
            for write in register.takeChanges(most: 10, at: second, facts: { IdentityFacts($0) }).writes {
                if case .identity(let row, _) = write { written.insert(row.workload) }
            }
        }
        #expect(written.count == 30)
    }

    @Test func memoryIsBounded() {
        var register = Register()
        for number in 0..<(Register.mostCredentials + 10) {
            let path = "/run/secrets/\(number)"
            register.acted(act(read(path, inode: UInt64(number)), by: web, at: Int64(number), key: UInt64(number)))
        }
        for number in 0..<100 {
            let other = Workload(id: "container/\(number)", kind: .container, instance: "\(number)")
            register.acted(act(read("/x", inode: UInt64(Register.mostCredentials + 5)), by: other, at: 10_000))
            register.acted(
                act(read("/run/secrets/y", inode: UInt64(Register.mostCredentials + 5)), by: other, at: 10_000))
        }
        let writes = register.writes()
        #expect(
            writes.contains { if case .dropCredential(let key) = $0 { key.path == "/run/secrets/0" } else { false } })
        let readers = writes.compactMap {
            if case .credential(let credential) = $0 { credential.readers.count } else { nil }
        }
        #expect(readers.max() == Register.mostReaders)
    }

    @Test(arguments: [
        ("/run/secrets/token", "/run/secrets/token"),
        (
            "/var/run/secrets/kubernetes.io/serviceaccount/..2026_11_20_09_40_00.17/token",
            "/var/run/secrets/kubernetes.io/serviceaccount/token"
        ),
        ("/a/..b/c", "/a/..b/c"),
    ]) func rotationIsNoNewCredential(_ path: String, _ steady: String) { #expect(Register.steady(path) == steady) }
}

@Suite struct CredentialClassTests {
    @Test(
        arguments: [
            ("/etc/shadow", "password-hash"), ("/etc/ssh/ssh_host_ed25519_key", "ssh-key"),
            ("/home/a/.ssh/id_rsa", "ssh-key"),
            ("/var/run/secrets/kubernetes.io/serviceaccount/token", "service-account-token"),
            ("/run/secrets/db", "mounted-secret"), ("/root/.kube/config", "kubernetes"),
            ("/root/.aws/credentials", "cloud"), ("/root/.docker/config.json", "registry"),
            ("/etc/ssl/private/a.key", "tls-key"), ("/srv/web/cert.pem", "certificate"),
            ("/srv/web/site.crt", "certificate"),
            ("/var/lib/mysql/mysql.ibd", "database"), ("/home/a/vault.kdbx", "database"),
            ("/etc/ssl/certs/ca-certificates.crt", nil), ("/usr/lib/python3/site-packages/certifi/cacert.pem", nil),
            ("/proc/1/environ", nil), ("/root/.bash_history", nil), ("/etc/sudoers", nil), ("/srv/data.json", nil),
        ] as [(String, String?)]) func builtIn(_ path: String, _ sort: String?)
    {
        let classes = CredentialClasses()
        let open = { (access: Access) in Open(path: ResolvedPath(path), access: access, mode: 0o100600) }
        #expect(classes.read(by: open(.read))?.sort == sort)
        #expect(classes.read(by: open(.write)) == nil, "what is written is not read")
    }

    /// Each row of the table that alerts go by is of a class, but for what only leads to secrets.
    @Test func theTableIsCovered() {
        let without = Set(Credential.table.filter { $0.sort == nil }.map(\.what))
        #expect(
            without == ["sudo rules", "another process's environment", "another process's memory", "a shell's history"])
    }

    @Test func usersAddTheirOwn() throws {
        let text = """
            classes:
              - class: billing-token
                what: a token of the billing service
                paths: [/srv/billing/**/*.tok, /run/secrets/billing]
                except: [/srv/billing/public/**]
              - {class: agent, paths: "**/agent.sock"}
            """
        let classes = try CredentialClasses(Array(text.utf8), file: "classes.yaml")
        let sort = { (path: String) in
            classes.read(by: Open(path: ResolvedPath(path), access: .read, mode: 0o100600))?.sort
        }
        #expect(sort("/srv/billing/a/b/x.tok") == "billing-token" && sort("/srv/billing/public/x.tok") == nil)
        #expect(sort("/run/secrets/billing") == "billing-token", "the user's own come first")
        #expect(sort("/run/secrets/other") == "mounted-secret")
        #expect(classes.socket("/run/x/agent.sock")?.what == "a credential of class agent")
    }

    @Test(arguments: [
        ("classes: [{class: a}]", "needs class and paths"), ("classes: [{paths: [/a]}]", "needs class and paths"),
        ("classes: [{class: A b, paths: [/a]}]", "lower-case"), ("classes: [{class: a, paths: [a/b]}]", "no path"),
        ("classes: [{class: a, paths: [/**]}]", "everything"),
        ("classes: [{class: a, paths: [/**/a/**/b/**]}]", "two **"),
        ("classes: [{class: a, path: [/a]}]", "path"), ("other: []", "other"),
    ]) func whatCannotBeMeantIsRefused(_ text: String, _ reason: String) {
        do throws(FileRefusal) {
            _ = try CredentialClasses(Array(text.utf8), file: "classes.yaml")
            Issue.record("taken: \(text)")
        } catch {
            #expect("\(error)".hasPrefix("classes.yaml:1:") && "\(error)".contains(reason), "\(error)")
        }
    }
}
