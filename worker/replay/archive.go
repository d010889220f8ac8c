// This file is the archive of an incident: a tar file, compressed by gzip, of a few
// texts and of histories as they were downloaded.

package replay

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
)

const (
	// historyFolder holds the histories in an archive, one file a run.
	historyFolder = "history"
	// maxFile bounds what is read of one file, in bytes: a run ends at 50 MiB of
	// events, which JSON and base64 make about twice as long.
	maxFile = 256 << 20
)

// file is one file of an archive.
type file struct {
	name    string
	content []byte
}

// packed is an archive of the files, in their order.
func packed(files []file, at time.Time) ([]byte, error) {
	var archive bytes.Buffer
	compressed := gzip.NewWriter(&archive)
	out := tar.NewWriter(compressed)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Mode: 0o600, Size: int64(len(f.content)), ModTime: at}
		if err := out.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := out.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(out.Close(), compressed.Close()); err != nil {
		return nil, err
	}
	return archive.Bytes(), nil
}

// isArchive tells an archive from a history by its first bytes, gzip's own.
func isArchive(content []byte) bool { return bytes.HasPrefix(content, []byte{0x1f, 0x8b}) }

// historiesIn are the histories of an archive.
func historiesIn(content []byte) ([]file, error) {
	compressed, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("the file is compressed, and cannot be opened: %w", err)
	}
	var found []file
	for in := tar.NewReader(compressed); ; {
		header, err := in.Next()
		switch {
		case errors.Is(err, io.EOF) && len(found) == 0:
			return nil, errors.New("the archive holds no history: it is none that `keystay incident` wrote")
		case errors.Is(err, io.EOF):
			return found, nil
		case err != nil:
			return nil, fmt.Errorf("the archive is not whole: %w", err)
		}
		if path.Dir(header.Name) != historyFolder || !strings.HasSuffix(header.Name, ".json") {
			continue
		}
		history, err := readAll(in)
		if err != nil {
			return nil, fmt.Errorf("the archive is not whole: %s: %w", header.Name, err)
		}
		found = append(found, file{header.Name, history})
	}
}

// readAll reads a file of a sensible size.
func readAll(from io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("it has more than %d MiB, which no history has", maxFile>>20)
	}
	return content, err
}
