import Inference
package import Kernels
package import ModelPackages

extension ClassColumns {
    /// The columns of `words` by the text tower of a CLIP, whose vision tower describes the patches: of each group the mean
    /// of its sentences at unit length, at unit length. Blocks, for seconds.
    ///
    /// Throws `unknownArchitecture` if `package` has no text tower, `text` if a sentence is too long, `weights`.
    package init(_ words: ClassWords, tower package: ModelPackage, kernels: KernelTable) throws(ModelError) {
        let model = try Network(of: package), vocabulary = try TextEncoder.vocabulary(of: package)
        guard case .clip(let clip) = model.architecture, let tower = clip.text,
            let text = try TextEncoder(of: model, vocabulary: vocabulary, checkpoint: package.directory)
        else {
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture,
                known: ["clip with a text tower"])
        }
        let pool = TensorPool()
        var sessions: [Int: Session] = [:]
        func embedding(_ sentence: String) throws(ModelError) -> [Float] {
            let ids = try text.encode(sentence)
            let session: Session
            if let known = sessions[ids.count] {
                session = known
            } else {
                do {
                    session = try unsafe Session(
                        CompiledModel(
                            tower.graph(
                                tokens: ids.count, embeddingWidth: clip.embeddingWidth,
                                activation: clip.activation), weights: PackageSource(package),
                            kernels: kernels), pool: pool)
                } catch { throw .weights(directory: package.directory, error) }
                sessions[ids.count] = session
            }
            // The input holds as many ids as the session has tokens.
            unsafe session.withInput { input in
                unsafe ids.withUnsafeBytes { unsafe input.copyMemory(from: $0) }
            }
            session.run()
            guard let values = session.floats("text.embedding") else {
                preconditionFailure("the text tower gives no embedding")
            }
            return unit(values)
        }
        func mean(_ sentences: [String]) throws(ModelError) -> [Float] {
            var sum = [Float](repeating: 0, count: clip.embeddingWidth)
            for sentence in sentences {
                let values = try embedding(sentence)
                for index in sum.indices { sum[index] += values[index] }
            }
            return unit(sum)
        }
        self.init(normal: try mean(words.normalSentences), abnormal: try mean(words.abnormalSentences))
    }
}
