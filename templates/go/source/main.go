// A small HTTP service: a page, and a health check.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

//go:embed index.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

var started = time.Now()

func orElse(name, fallback string) string {
	if value, ok := os.LookupEnv(name); ok {
		return value
	}
	return fallback
}

func showPage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	page.Execute(w, map[string]string{
		"Greeting": orElse("GREETING", "Hello from Go"),
		"Runtime":  "Go " + strings.TrimPrefix(runtime.Version(), "go"),
		"Rendered": time.Now().UTC().Format(time.RFC3339),
	})
}

func showHealth(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"status":"ok","uptimeSeconds":%d}`, int(time.Since(started).Seconds()))
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &statusRecorder{w, http.StatusOK}
		from := time.Now()
		next.ServeHTTP(recorder, r)
		log.Printf("%s %s %d %.1f ms", r.Method, r.URL.Path, recorder.status, float64(time.Since(from).Microseconds())/1000)
	})
}

func main() {
	log.SetOutput(os.Stdout)
	log.SetFlags(0)
	routes := http.NewServeMux()
	routes.HandleFunc("/", showPage)
	routes.HandleFunc("/health", showHealth)
	server := &http.Server{Addr: "0.0.0.0:" + orElse("PORT", "8080"), Handler: logged(routes), ReadHeaderTimeout: 10 * time.Second}

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	go func() {
		<-stop.Done()
		log.Print("closing")
		limit, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Shutdown(limit)
	}()

	log.Printf("listening on %s, %s", server.Addr, runtime.Version())
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}
