import Foundation
import GRDB
import Testing

@testable import Baselines

@Suite struct RegisterStoreTests {
    private func identity(_ workload: String, _ first: Int64, _ last: Int64, facts: String? = nil) -> StoredIdentity {
        var row = StoredIdentity(workload: workload, first: first, last: last)
        row.ended = 1
        row.alerts = 2
        row.facts = facts
        return row
    }

    /// The monitor tells what is new; what was there before stays.
    @Test func whatIsNewIsAddedToWhatIsKnown() throws {
        let store = try temporaryStore()
        let use = StoredUse(.program, "/bin/a", first: 10, last: 20)
        try store.write([.identity(identity("w", 10, 20, facts: "{\"a\":1}"), [use])])
        var later = identity("w", 15, 30)
        later.privilege = "{}"
        try store.write([
            .identity(
                later, [StoredUse(.program, "/bin/a", first: 5, last: 15), StoredUse(.uid, "0", first: 30, last: 30)])
        ])
        let known = try #require(try store.identities().first)
        #expect(known.first == 10 && known.last == 30 && known.ended == 2 && known.alerts == 4)
        #expect(known.facts == "{\"a\":1}" && known.privilege == "{}")
        #expect(
            try store.uses()["w"] == [
                StoredUse(.uid, "0", first: 30, last: 30), StoredUse(.program, "/bin/a", first: 5, last: 20),
            ])
        #expect(try store.identityNames() == ["w"])
    }

    @Test func ofEachSortSoManyAreKept() throws {
        let store = try temporaryStore()
        let uses = (0..<200).map { StoredUse(.destination, "peer-\($0)", first: 1, last: 1) }
        try store.write([.identity(identity("w", 1, 1), uses + [StoredUse(.program, "/bin/a", first: 1, last: 1)])])
        try store.write([.identity(identity("w", 1, 2), [StoredUse(.destination, "peer-0", first: 2, last: 2)])])
        let kept = try #require(try store.uses()["w"])
        #expect(kept.count == Store.mostUses + 1)
        #expect(kept.first == StoredUse(.destination, "peer-0", first: 1, last: 2), "what is known is still renewed")
    }

    @Test func thoseNotSeenForLongestAreForgotten() throws {
        let store = try temporaryStore()
        let writes = (0...Store.mostIdentities).map { number in
            StoreWrite.identity(
                StoredIdentity(workload: "w\(number)", first: 0, last: Int64(number)),
                [StoredUse(.program, "/bin/a", first: 0, last: 0)])
        }
        try store.write(writes)
        let names = Set(try store.identityNames())
        #expect(names.count == Store.mostIdentities && !names.contains("w0"))
        #expect(try store.uses()["w0"] == nil)
    }

    @Test func credentialsComeBackWithTheirReaders() throws {
        let store = try temporaryStore()
        let key = StoredCredential.Key(sort: "tls-key", path: "/é\"'\n/key.pem", owner: "oci/a")
        var credential = StoredCredential(key: key, what: "a TLS private key", first: 5, last: 9)
        credential.readers = [
            StoredCredential.Reader(
                workload: "oci/a", program: "/bin/a", path: key.path, isPerson: false, first: 5, last: 9, count: 3),
            StoredCredential.Reader(
                workload: "oci/a", program: "/bin/cat", path: key.path, isPerson: true, first: 6, last: 6, count: 1),
        ]
        try store.write([.credential(credential), .credential(credential)])
        #expect(try store.credentials() == [credential])
        try store.write([.dropCredential(key)])
        #expect(try store.credentials().isEmpty)
    }

    @Test func whoApprovedIsKnownUntilItIsUndone() throws {
        let store = try temporaryStore()
        let key = BaselineKey(workload: "w")
        try store.write([.baseline(StoredBaseline(key: key, state: .learning))])
        _ = try store.approve(key, who: "anna", why: "reviewed")
        #expect(try store.approvals()[key]?.who == "anna")
        _ = try store.undoLatest(of: "w", digest: { _ in true }, who: "anna", why: "")
        #expect(try store.approvals().isEmpty)
    }
}
