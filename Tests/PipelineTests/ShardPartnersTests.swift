import Augmentation
import Images
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// Samples of shards as partners of steps that paste.
@Suite struct ShardPartnersTests {
    /// One pixel as bright as the image's number.
    @Sendable private static func pixel(of sample: ShardSample) throws -> AugmentationSample {
        let level = UInt8(sample.imageID) ?? 0
        return AugmentationSample(
            image: RGBImage(height: 1, width: 1, filling: RGBColour(level, level, level)), objects: [])
    }

    @Test func aDamagedPartnerIsTheNextOne() throws {
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.damagedSet(in: directory)
        let partners = set.partners([1, 4, 5], skippingDamaged: true, sample: Self.pixel)
        #expect(partners.count == 3)
        #expect(try (0..<3).map { try partners.sample($0).image[0, 0].red } == [1, 5, 5])
        let last = set.partners([3, 4], skippingDamaged: true, sample: Self.pixel)
        #expect(try last.sample(1).image[0, 0].red == 3)
        let strict = set.partners([1, 4, 5], skippingDamaged: false, sample: Self.pixel)
        #expect(try strict.sample(0).image[0, 0].red == 1)
        #expect(throws: ShardError.self) { try strict.sample(1) }
        // Where nothing can be lent, the damage is what is said.
        let alone = set.partners([4], skippingDamaged: true, sample: Self.pixel)
        #expect(throws: ShardError.self) { try alone.sample(0) }
    }

    /// What is not the data's fault is thrown whatever the policy.
    @Test func otherFailuresAreThrown() throws {
        struct Full: OperationError {
            let codeName = "disk.full"
            let kind = FailureKind.inputOutput
            let message = "full"
            let location: DataLocation? = nil
            let cause: (any Error)? = nil
        }
        let directory = try TemporaryDirectory()
        let set = try SampleLoaderTests.set(3, in: directory)
        let partners = set.partners([0, 1], skippingDamaged: true) { _ in throw Full() }
        #expect(throws: Full.self) { try partners.sample(0) }
    }
}
