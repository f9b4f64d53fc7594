import SAM
import Tensors
import TestSupport
import Testing

/// Which rows of an encoder's joint weight make queries, keys and values.
@Suite struct AdapterSiteTests {
    private static func site(_ part: AdapterSite.Part, _ weight: String = "blocks.1.attn.qkv.weight") -> AdapterSite {
        AdapterSite(weight: "image_encoder." + weight, part: part)
    }

    @Test func rowsOfAViTAreThirds() throws {
        let configuration = SAMConfiguration()
        #expect(Self.site(.q).rows(of: 2304, in: configuration) == [0..<768])
        #expect(Self.site(.k).rows(of: 2304, in: configuration) == [768..<1536])
        #expect(Self.site(.v).rows(of: 2304, in: configuration) == [1536..<2304])
        #expect(AdapterSite(weight: "image_encoder.neck.0.weight", part: .q).rows(of: 2304, in: configuration) == nil)
        #expect(AdapterSite(weight: "mask_decoder.x.weight").rows(of: 7, in: configuration) == [0..<7])
        #expect(Self.site(.q).rows(of: 7, in: configuration) == nil)
    }

    @Test func rowsOfATinyViTAreByHead() throws {
        let configuration = SAMConfiguration.Preset.vitT.configuration
        let rows = try #require(Self.site(.k, "layers.1.blocks.0.attn.qkv.weight").rows(of: 384, in: configuration))
        #expect(rows == [32..<64, 128..<160, 224..<256, 320..<352])
        #expect(Self.site(.k, "layers.9.blocks.0.attn.qkv.weight").rows(of: 384, in: configuration) == nil)
        #expect(Self.site(.k, "blocks.0.attn.qkv.weight").rows(of: 384, in: configuration) == nil)
    }

    @Test func namesArePEFTs() {
        #expect(Self.site(.q).nameOfA == "image_encoder.blocks.1.attn.qkv.q.lora_A.weight")
        #expect(AdapterSite(weight: "mask_decoder.a.weight").nameOfB == "mask_decoder.a.lora_B.weight")
    }

    /// The attention itself tells its rows: values of zero give nothing, one query that is not zero moves one token alone,
    /// one key moves all.
    @Test(arguments: [true, false])
    func attentionAgrees(isTiny: Bool) throws {
        var configuration = SAMConfiguration()
        if isTiny {
            var vit = TinyViTConfiguration()
            vit.numHeads = [1, 2, 2, 2]
            configuration.encoder = .tinyViT(vit)
        }
        let name = isTiny ? "layers.1.blocks.0.attn.qkv.weight" : "blocks.0.attn.qkv.weight"
        /// Columns of the projection are rows of the weight.
        func columns(_ part: AdapterSite.Part) throws -> Set<Int> {
            Set(try #require(Self.site(part, name).rows(of: 24, in: configuration)).joined())
        }
        let (tokens, width) = (4, 24)
        func mix(_ keep: (_ token: Int, _ column: Int) -> Bool) -> [Float] {
            let values = (0..<tokens * width).map { index in
                keep(index / width, index % width) ? Float(index % 7) - 3 + Float(index / width) : 0
            }
            if isTiny {
                return Tensor(values, shape: [1, 2, 2, width]).windowSelfAttention(
                    heads: 2, window: 2, padding: Tensor(zeros: [width]), offsets: Tensor(zeros: [2, 4])
                ).values
            }
            return Tensor.selfAttention(qkv: Tensor(values, shape: [1, tokens, width]), heads: 2).values
        }
        let (q, k, v) = (try columns(.q), try columns(.k), try columns(.v))
        #expect(q.count == 8 && k.count == 8 && v.count == 8 && q.union(k).union(v).count == 24)
        #expect(mix { !v.contains($1) }.allSatisfy { $0 == 0 })
        #expect(mix { _, _ in true }.contains { $0 != 0 })
        func movedTokens(_ one: Set<Int>) -> Int {
            let mean = mix { !one.contains($1) }
            let moved = mix { !one.contains($1) || $0 == 2 }
            return (0..<tokens).count { token in
                (token * 8..<(token + 1) * 8).contains { abs(mean[$0] - moved[$0]) > 1e-4 }
            }
        }
        #expect(movedTokens(q) == 1)
        #expect(movedTokens(k) == tokens)
    }
}
