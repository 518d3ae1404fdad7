// SPDX-License-Identifier: Apache-2.0

package attachment

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
)

// Bounds of an image, looked at before it is decoded.
const (
	maxSide   = 12_000
	maxPixels = 25_000_000
	quality   = 90
)

// again decodes an image and encodes it anew as the same type. Ours is one
// that a person here attached: a photograph that says how it is to be turned
// is turned, since what says so is lost.
func again(kind string, b []byte, ours bool) ([]byte, error) {
	decode, measure := png.Decode, png.DecodeConfig
	if kind == JPEG {
		decode, measure = jpeg.Decode, jpeg.DecodeConfig
	}
	c, err := measure(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrImage, err)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > maxPixels {
		return nil, fmt.Errorf("%w: %d × %d, at most %d million", ErrLarge, c.Width, c.Height, maxPixels/1_000_000)
	}
	img, err := decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrImage, err)
	}
	var out bytes.Buffer
	if kind == PNG {
		err = png.Encode(&out, img)
	} else {
		if ours {
			img = turned(img, orientation(b))
		}
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrImage, err)
	}
	return out.Bytes(), nil
}

// turned gives an image as its orientation (Exif tag 0x0112) says it is seen.
func turned(img image.Image, o int) image.Image {
	if o < 2 || o > 8 {
		return img
	}
	r := img.Bounds()
	w, h := r.Dx(), r.Dy()
	size := image.Rect(0, 0, w, h)
	if o >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			to := [...][2]int{2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {h - 1 - y, x}, 7: {h - 1 - y, w - 1 - x}, 8: {y, w - 1 - x}}[o]
			out.Set(to[0], to[1], img.At(r.Min.X+x, r.Min.Y+y))
		}
	}
	return out
}

// orientation reads how a JPEG is to be turned; 1, as it is, where it does
// not say or cannot be read.
func orientation(b []byte) int {
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		n := int(binary.BigEndian.Uint16(b[at+2:]))
		if n < 2 || at+2+n > len(b) || b[at+1] == 0xda {
			return 1
		}
		if part := b[at+4 : at+2+n]; b[at+1] == 0xe1 && bytes.HasPrefix(part, []byte("Exif\x00\x00")) {
			return exif(part[6:])
		}
		at += 2 + n
	}
	return 1
}

func exif(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if t[0] == 'I' {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(t[4:]))
	if at+2 > uint64(len(t)) {
		return 1
	}
	count := uint64(order.Uint16(t[at:]))
	for i := range count {
		e := at + 2 + 12*i
		if e+12 > uint64(len(t)) {
			return 1
		}
		if order.Uint16(t[e:]) == 0x0112 {
			return int(order.Uint16(t[e+8:]))
		}
	}
	return 1
}
