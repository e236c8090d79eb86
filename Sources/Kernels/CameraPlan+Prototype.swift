internal import CKernels
internal import Imaging

extension CameraPlan {
    /// The operation without its pointers.
    static func prototype(
        _ format: PixelFormat, _ layout: CameraLayout, _ tables: CameraTables, crop: Region, output: Size,
        colour: CameraColour, scale: SIMD3<Float>, offset: SIMD3<Float>
    ) -> ck_camera {
        var operation = unsafe ck_camera()
        unsafe operation.layout = layout.identifier.rawValue
        unsafe operation.sample = sample(of: format).rawValue
        unsafe operation.sample_mask = UInt32((1 << format.significantBits) - 1)
        unsafe operation.width = width(of: tables, largest: (1 << format.significantBits) - 1).rawValue
        unsafe operation.chroma_step = format == .nv12 ? 2 : 1
        unsafe (operation.crop_x, operation.crop_y) = (UInt32(crop.x), UInt32(crop.y))
        unsafe (operation.crop_w, operation.crop_h) = (UInt32(crop.width), UInt32(crop.height))
        unsafe (operation.out_w, operation.out_h) = (UInt32(output.width), UInt32(output.height))

        let m = colour.matrix.map { $0.map { Float($0) } }
        unsafe operation.matrix = (
            (m[0][0], m[0][1], m[0][2], m[0][3]),
            (m[1][0], m[1][1], m[1][2], m[1][3]),
            (m[2][0], m[2][1], m[2][2], m[2][3])
        )
        unsafe operation.bias = (Float(colour.bias[0]), Float(colour.bias[1]), Float(colour.bias[2]))
        unsafe operation.scale = (scale.x, scale.y, scale.z)
        unsafe operation.offset = (offset.x, offset.y, offset.z)

        let last = layout.rows.count - 1
        unsafe operation.row_step = (UInt32(layout.rows[0].stride), UInt32(layout.rows[last].stride))
        unsafe operation.column_step = UInt32(layout.step)
        let first = tables.samples[0], second = tables.samples[last]
        unsafe operation.sample_first = (UInt32(first.lowerBound), UInt32(second.lowerBound))
        unsafe operation.sample_count = (UInt32(first.count), UInt32(second.count))
        // The scratch memory depends on the lengths of the runs.
        unsafe operation.columns.0.count = UInt32(tables.columns[0].count)
        unsafe operation.columns.1.count = UInt32(tables.columns[last].count)
        return unsafe operation
    }

    private static func sample(of format: PixelFormat) -> ck_camera_sample {
        if format.bytesPerSample == 1 { return CK_CAMERA_U8 }
        return format == .y16BigEndian ? CK_CAMERA_U16_SWAPPED : CK_CAMERA_U16
    }

    /// The narrowest sums that samples up to `largest` cannot overflow.
    private static func width(of tables: CameraTables, largest: Int) -> ck_camera_width {
        let row = (tables.rowTotals.max() ?? 1) * largest
        let area = zip(tables.rowTotals, tables.columnTotals).map { $0 * $1 * largest }.max() ?? 0
        guard area <= Int(Int32.max) else { return CK_CAMERA_WIDE }
        return row <= Int(UInt16.max) && largest == 255 ? CK_CAMERA_NARROW : CK_CAMERA_MEDIUM
    }
}
