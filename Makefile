.PHONY: all
all:
	cmake --preset release && cmake --build --preset release
