/// What may be done about an alert, from the mildest on.
package enum StepKind: String, Sendable, CaseIterable {
    case notify, revoke, restrict, freeze, kill
}
