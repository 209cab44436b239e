/// The machine that the lines speak of.
package struct Host: Sendable, Equatable {
    package var name: String
    /// Of `/proc/sys/kernel/random/boot_id`: keeps the process ids of one start from those of the next.
    package var bootID: String
    /// Release of the kernel.
    package var kernel: String

    package init(name: String, bootID: String, kernel: String) {
        self.name = name
        self.bootID = bootID
        self.kernel = kernel
    }
}
