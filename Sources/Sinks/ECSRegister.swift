import Baselines
import Drift
import Evidence
import Workloads

/// A change of the register.
extension JSONWriter {
    mutating func register(_ change: Register.Change) {
        object("register") { json in
            switch change {
            case .identity: break
            case .expired(_, let day): json.field("expired", day)
            case .overdue(_, let reviewed): json.field("reviewed", reviewed)
            case .content(_, let before): json.field("content_before", before)
            case .credential(let credential, _), .shared(let credential, _), .person(let credential, _):
                json.credential(credential)
            }
        }
    }

    private mutating func credential(_ credential: StoredCredential) {
        object("credential") { json in
            json.field("class", credential.key.sort)
            json.field("findings", credential.findings)
            if !credential.key.owner.isEmpty { json.field("owner", credential.key.owner) }
            json.field("path", credential.key.path)
            json.field("readers", credential.workloads.sorted())
            json.field("what", credential.what)
        }
    }
}

extension Register.Change {
    /// Of ECS's allowed values: identities and what proves them are `iam`, what runs is `configuration`.
    var category: String {
        switch self {
        case .content: "configuration"
        case .identity, .expired, .overdue, .credential, .shared, .person: "iam"
        }
    }

    /// Of ECS's allowed values.
    var type: String {
        switch self {
        case .identity, .credential: "creation"
        case .content, .shared: "change"
        case .person, .expired, .overdue: "info"
        }
    }

    package var action: StaticString {
        switch self {
        case .identity: "identity-registered"
        case .content: "identity-changed"
        case .expired: "identity-expired"
        case .overdue: "identity-review-overdue"
        case .credential: "credential-registered"
        case .shared: "credential-shared"
        case .person: "credential-human-use"
        }
    }

    /// One sentence that a tired person understands.
    package var reason: String {
        switch self {
        case .identity(let workload): "\(workload.id) was seen for the first time"
        case .content(let workload, let before):
            "\(workload.id) runs \(workload.digest ?? "another content"), before it was \(before)"
        case .expired(let workload, let day): "\(workload.id) should be gone since \(day), and is there"
        case .overdue(let workload, let reviewed):
            "the review of \(workload.id) is overdue: the last one was on \(reviewed)"
        case .credential(let credential, let workload):
            "\(credential.what), \(credential.key.path), was read for the first time, by \(workload.id)"
        case .shared(let credential, let workload):
            "\(workload.id) read \(credential.key.path) too: \(credential.workloads.count) workloads share \(credential.what)"
        case .person(let credential, let workload):
            "a person in \(workload.id) read \(credential.what), \(credential.key.path)"
        }
    }
}
