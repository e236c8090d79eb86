import Inference
package import Kernels
package import ModelPackages

/// Sentences to unit vectors, by the text network of a package. For the control plane: a session for each length
/// of a sentence takes tens of milliseconds to make.
package final class SentenceEncoder {
    /// The digest of the package.
    package let digest: String
    /// Numbers of a sentence.
    package let width: Int
    private let package: ModelPackage
    private let network: Network
    private let text: TextEncoder
    private let kernels: KernelTable
    private let pool = TensorPool()
    private var sessions: [Int: Session] = [:]

    /// Throws `unknownArchitecture` if `package` has neither a MiniLM nor the text tower of a CLIP, and what its
    /// vocabulary throws.
    package init(_ package: ModelPackage, kernels: KernelTable) throws(ModelError) {
        let model = try Network(of: package)
        let vocabulary = try TextEncoder.vocabulary(of: package)
        let text = try TextEncoder(of: model, vocabulary: vocabulary, checkpoint: package.directory)
        switch (model.architecture, text) {
        case (.miniLM, let text?): (width, self.text) = (Architecture.MiniLM.width, text)
        case (.clip(let clip), let text?): (width, self.text) = (clip.embeddingWidth, text)
        default:
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture,
                known: ["minilm", "clip-vit"])
        }
        (self.package, network, self.kernels) = (package, model, kernels)
        digest = package.digest.description
    }

    /// The unit vector of `sentence`, `[width]`. Blocks.
    ///
    /// Throws `text` if it is too long, `weights` if the network cannot be loaded.
    package func embedding(of sentence: String) throws(ModelError) -> [Float] {
        let ids = try text.encode(sentence)
        let session = try session(tokens: ids.count)
        // The input holds as many ids as the session has tokens.
        unsafe session.withInput { input in unsafe ids.withUnsafeBytes { unsafe input.copyMemory(from: $0) } }
        session.run()
        if let embedding = session.floats("embedding") { return embedding }
        guard let embedding = session.floats("text.embedding") else {
            preconditionFailure("the text network gives no embedding")
        }
        return unit(embedding)
    }

    /// Whether the network knows any part of `word`. Throws `text` if it is too long.
    package func knows(_ word: String) throws(ModelError) -> Bool { try text.knows(word) }

    private func session(tokens: Int) throws(ModelError) -> Session {
        if let known = sessions[tokens] { return known }
        let graph = try network.graph(.tokens(count: tokens), outputs: .last)
        do {
            let made = try unsafe Session(
                CompiledModel(graph, weights: PackageSource(package), kernels: kernels), pool: pool)
            sessions[tokens] = made
            return made
        } catch { throw .weights(directory: package.directory, error) }
    }
}
