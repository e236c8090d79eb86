print("linewatch")
