// Package deploy_test holds the deployment files against the code that they
// deploy. It starts nothing.
package deploy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/keystay/keystay/workflows"
)

// file is the part of a Compose file that the tests look at.
type file struct {
	Services map[string]service `yaml:"services"`
	Configs  map[string]struct {
		Content string `yaml:"content"`
	} `yaml:"configs"`
	Volumes map[string]any `yaml:"volumes"`
}

type service struct {
	Image       string            `yaml:"image"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	HealthCheck struct {
		Test []string `yaml:"test"`
	} `yaml:"healthcheck"`
	DependsOn map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	Configs []struct {
		Source string `yaml:"source"`
	} `yaml:"configs"`
	Build struct {
		Context    string `yaml:"context"`
		Dockerfile string `yaml:"dockerfile"`
	} `yaml:"build"`
}

// runs tells which services are Keystay, and as which program.
var runs = map[string]string{"keystay-api": "api", "keystay-worker": "worker"}

// ours are the variables that Keystay reads, or the SDK for it.
var ours = regexp.MustCompile(`\b(?:KEYSTAY|TEMPORAL)_[A-Z_]+\b`)

func TestCompose_HasEveryServiceAndProgram(t *testing.T) {
	compose := readCompose(t)
	for _, name := range []string{"postgresql", "temporal-schema", "temporal", "temporal-namespace", "temporal-ui", "keystay-api", "keystay-worker", "codec"} {
		if _, there := compose.Services[name]; !there {
			t.Errorf("no service %s", name)
		}
	}
	for name, program := range runs {
		if got := compose.Services[name].Command; !slices.Equal(got, []string{program}) {
			t.Errorf("%s runs %q, want %q", name, got, program)
		}
	}
}

func TestCompose_PinsEveryImage(t *testing.T) {
	for name, service := range readCompose(t).Services {
		_, tag, _ := strings.Cut(service.Image, ":")
		if built := service.Build.Dockerfile != ""; !built && (tag == "" || tag == "latest") {
			t.Errorf("%s: image %q has no version", name, service.Image)
		}
	}
}

func TestCompose_WaitsOnlyForWhatCanBeWaitedFor(t *testing.T) {
	compose := readCompose(t)
	for name, service := range compose.Services {
		for on, how := range service.DependsOn {
			awaited, there := compose.Services[on]
			switch {
			case !there:
				t.Errorf("%s waits for %s, which is no service", name, on)
			case how.Condition == "service_healthy" && len(awaited.HealthCheck.Test) == 0:
				t.Errorf("%s waits for %s to be healthy, and nothing checks that", name, on)
			}
		}
		for _, config := range service.Configs {
			if compose.Configs[config.Source].Content == "" {
				t.Errorf("%s uses the config %s, which has no content", name, config.Source)
			}
		}
	}
}

func TestCompose_ListensOnThisMachineOnly(t *testing.T) {
	for name, service := range readCompose(t).Services {
		for _, port := range service.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s publishes %q to every network", name, port)
			}
		}
	}
}

func TestCompose_HoldsNoSecret(t *testing.T) {
	secret := regexp.MustCompile(`(TOKEN|SECRET|KEYS?|PASSWORD|PWD)$`)
	given := regexp.MustCompile(`^\$\{[A-Z_]+(:\?.{20,}|:-)\}$`)
	found := 0
	for name, service := range readCompose(t).Services {
		for variable, value := range service.Environment {
			if !secret.MatchString(variable) {
				continue
			}
			found++
			if !given.MatchString(value) {
				t.Errorf("%s: %s must come from outside, with a sentence for whoever forgot it; it is %q", name, variable, value)
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d secrets found: does the test still see them?", found)
	}
}

func TestCompose_GivesEachProgramVariablesThatItReads(t *testing.T) {
	table := readTable(t)
	for name, program := range runs {
		environment := readCompose(t).Services[name].Environment
		if len(environment) == 0 {
			t.Errorf("%s has no environment", name)
		}
		for variable := range environment {
			if !slices.Contains(table[variable], program) {
				t.Errorf("%s is given %s; the table in README.md says that it is read by %q", name, variable, table[variable])
			}
		}
	}
}

func TestCompose_TakesEachVariableFromOneThatIsExplained(t *testing.T) {
	data := readFile(t, "compose.yaml")
	readme := readFile(t, "README.md")
	for _, match := range regexp.MustCompile(`\$\{([A-Z_]+)`).FindAllStringSubmatch(data, -1) {
		if !strings.Contains(readme, "`"+match[1]+"`") {
			t.Errorf("compose.yaml asks for %s, README.md does not explain it", match[1])
		}
	}
}

func TestReadme_TableIsWhatTheCodeReads(t *testing.T) {
	table, code := readTable(t), readByCode(t)
	for _, variable := range code {
		if len(table[variable]) == 0 {
			t.Errorf("the code reads %s, README.md's table does not have it", variable)
		}
	}
	for variable, programs := range table {
		if strings.HasPrefix(variable, "KEYSTAY_") && !slices.Contains(code, variable) {
			t.Errorf("README.md's table has %s, which no code reads", variable)
		}
		for _, program := range programs {
			if !slices.Contains([]string{"api", "worker", "replay", "incident", "status", "list", "webhooks"}, program) {
				t.Errorf("README.md says that %s is read by %q, which is no program", variable, program)
			}
		}
	}
}

func TestReadme_ListsTheSearchAttributesOfTheCode(t *testing.T) {
	readme := readFile(t, "README.md")
	for _, attribute := range workflows.SearchAttributes {
		if line := "--name " + attribute.GetName() + " --type " + attribute.GetValueType().String(); !strings.Contains(readme, line) {
			t.Errorf("README.md does not tell how to create it: %s", line)
		}
	}
	if got, want := strings.Count(readme, "--name "), len(workflows.SearchAttributes); got != want {
		t.Errorf("README.md creates %d search attributes, the code has %d", got, want)
	}
}

// A new folder that is not copied would break the image's build, which no test
// here runs.
func TestDockerfile_CopiesWhatTheProgramIsMadeOf(t *testing.T) {
	for name := range runs {
		build := readCompose(t).Services[name].Build
		if _, err := os.Stat(filepath.Join(build.Context, build.Dockerfile)); err != nil {
			t.Errorf("%s is built from what is not there: %v", name, err)
		}
	}
	dockerfile := readFile(t, "Dockerfile")
	for _, source := range sources(t) {
		top := strings.Split(filepath.ToSlash(source), "/")[1]
		if !strings.Contains(dockerfile, "\nCOPY "+top+" ") {
			t.Errorf("%s is not copied into the image's build", source)
		}
	}
}

// readByCode lists the variables that are read by their name anywhere in the
// program, outside tests.
func readByCode(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, path := range sources(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if variable, reads := environmentRead(node); reads {
				all = append(all, variable)
			}
			return true
		})
	}
	if len(all) < 10 {
		t.Errorf("the code reads only %q: does the test still see it?", all)
	}
	return all
}

// environmentRead recognizes os.Getenv("X") and os.LookupEnv("X").
func environmentRead(node ast.Node) (variable string, reads bool) {
	call, ok := node.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return "", false
	}
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || function.Sel.Name != "Getenv" && function.Sel.Name != "LookupEnv" {
		return "", false
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	variable, err := strconv.Unquote(literal.Value)
	return variable, err == nil
}

// sources are the program's own files: the root module without this folder.
func sources(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != ".." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "deploy" || entry.Name() == "testdata"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			all = append(all, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// readTable reads README.md's table: each variable with the programs that read it.
func readTable(t *testing.T) map[string][]string {
	t.Helper()
	table := map[string][]string{}
	for line := range strings.Lines(readFile(t, "README.md")) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) < 4 {
			continue
		}
		for _, variable := range ours.FindAllString(cells[0], -1) {
			table[variable] = strings.Split(strings.TrimSpace(cells[len(cells)-1]), ", ")
		}
	}
	return table
}

func readCompose(t *testing.T) file {
	t.Helper()
	var compose file
	if err := yaml.Unmarshal([]byte(readFile(t, "compose.yaml")), &compose); err != nil {
		t.Fatalf("compose.yaml: %v", err)
	}
	return compose
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
