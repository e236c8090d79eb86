package import ModelPackages

extension FloatSource {
    /// The weights of the network in `package` in float32, from the checkpoint at `path` that it was imported from; images
    /// enter as they do in int8. Blocks.
    ///
    /// Throws `checkpoint`, and `otherNetwork` if the checkpoint is of another network.
    package init(of package: ModelPackage, checkpoint path: String) throws(ModelError) {
        let network = try Network(of: package)
        var activation: Architecture.Activation?
        if case .clip(let clip) = network.architecture { activation = clip.activation }
        let checkpoint: Checkpoint
        do { checkpoint = try CheckpointReader.read(path: path, activation: activation) } catch {
            throw .checkpoint(error)
        }
        guard checkpoint.architecture == network.architecture else {
            throw .otherNetwork(
                file: path, found: "\(checkpoint.architecture)", wanted: "\(network.architecture)")
        }
        let image = PackageSource(package).activation("image").map { ["image": $0] } ?? [:]
        self.init(checkpoint.weights, activations: image)
    }
}
