package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset"
)

// Simulated nodes carry this label, and a taint that keeps away every pod that does not ask for them.
const (
	simulatedLabel = "type"
	simulatedValue = "kwok"
	simulatedTaint = "kwok.x-k8s.io/node"
	podsPerNode    = 250
)

// client is the supervisor's own access to the cluster, as its administrator.
type client struct {
	core        *kubernetes.Clientset
	aggregation *aggregator.Clientset
}

func newClient(kubeconfig string) (*client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst, config.Timeout = 500, 1000, time.Minute
	core, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	aggregation, err := aggregator.NewForConfig(config)
	return &client{core, aggregation}, err
}

func (c *client) get(path string) error {
	return c.core.RESTClient().Get().AbsPath(path).Do(context.Background()).Error()
}

// registerMetricsServer tells the API server to send metrics.k8s.io to metrics-server, a process beside it
// and no pod: hence a Service that is only a name for its address.
func (c *client) registerMetricsServer(address string) error {
	ctx := context.Background()
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "metrics-server", Namespace: metav1.NamespaceSystem},
		Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: address},
	}
	if _, err := c.core.CoreV1().Services(service.Namespace).Create(ctx, service, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("create the metrics-server Service: %w", err)
	}
	port := int32(metricsServerPort)
	api := &apiregistration.APIService{
		ObjectMeta: metav1.ObjectMeta{Name: "v1beta1.metrics.k8s.io"},
		Spec: apiregistration.APIServiceSpec{
			Group: "metrics.k8s.io", Version: "v1beta1",
			GroupPriorityMinimum: 100, VersionPriority: 100,
			InsecureSkipTLSVerify: true,
			Service: &apiregistration.ServiceReference{
				Namespace: service.Namespace, Name: service.Name, Port: &port,
			},
		},
	}
	_, err := c.aggregation.ApiregistrationV1().APIServices().Create(ctx, api, metav1.CreateOptions{})
	return err
}

func (c *client) createSimulatedNodes(count int) error {
	for i := range count {
		name := fmt.Sprintf("kwok-node-%d", i)
		capacity := corev1.ResourceList{
			corev1.ResourceCPU:    resource.MustParse("64"),
			corev1.ResourceMemory: resource.MustParse("256Gi"),
			corev1.ResourcePods:   *resource.NewQuantity(podsPerNode, resource.DecimalSI),
		}
		node := &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{
				Name:   name,
				Labels: map[string]string{simulatedLabel: simulatedValue, corev1.LabelHostname: name},
				Annotations: map[string]string{
					simulatedTaint: "fake",
					// Where kwok serves what a kubelet serves at /metrics/resource.
					"metrics.k8s.io/resource-metrics-path": "/metrics/nodes/" + name + "/metrics/resource",
				},
			},
			Spec: corev1.NodeSpec{Taints: []corev1.Taint{
				{Key: simulatedTaint, Value: "fake", Effect: corev1.TaintEffectNoSchedule},
			}},
			Status: corev1.NodeStatus{Capacity: capacity, Allocatable: capacity},
		}
		if _, err := c.core.CoreV1().Nodes().Create(context.Background(), node, metav1.CreateOptions{}); err != nil {
			return fmt.Errorf("create node %s: %w", name, err)
		}
	}
	return nil
}

// ready tells what the cluster still lacks: its controllers (they make the default ServiceAccount), its
// nodes, its metrics.
func (c *client) ready(nodes int) error {
	ctx := context.Background()
	if _, err := c.core.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{}); err != nil {
		return err
	}
	list, err := c.core.CoreV1().Nodes().List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return err
	}
	ready := 0
	for _, node := range list.Items {
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
				ready++
			}
		}
	}
	if ready < nodes {
		return fmt.Errorf("%d of %d nodes are Ready", ready, nodes)
	}
	return c.get("/apis/metrics.k8s.io/v1beta1")
}
